# tableforge_embed(TARGET)
#
# Puts deploy/systems/*.json, docs/asyncapi.json and docs/openapi.json into TARGET, so that the binary needs no file
# beside it, and tells it the project's version and revision.
function(tableforge_embed target)
  file(GLOB systems CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/deploy/systems/*.json)
  list(SORT systems)
  set(entries "")
  foreach(path IN LISTS systems)
    tableforge_read_document(${path} text)
    get_filename_component(name ${path} NAME)
    string(APPEND entries "    {\"${name}\", R\"tableforge_json(${text})tableforge_json\"},\n")
  endforeach()
  tableforge_read_document(${PROJECT_SOURCE_DIR}/docs/asyncapi.json asyncapi)
  tableforge_read_document(${PROJECT_SOURCE_DIR}/docs/openapi.json openapi)
  tableforge_revision(revision)

  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/app/embedded_documents.cpp)
  file(CONFIGURE OUTPUT ${embedded} @ONLY CONTENT [[
// Generated from deploy/systems and docs.
#include "app/embedded_documents.hpp"

// The standard promises 64 KiB for a literal; the compilers this builds with take far more.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace tableforge::app {

namespace {
constexpr EmbeddedDocument kSystems[] = {
@entries@};
}  // namespace

std::span<EmbeddedDocument const> embedded_systems() { return kSystems; }

std::string_view embedded_asyncapi() { return R"tableforge_json(@asyncapi@)tableforge_json"; }

std::string_view embedded_openapi() { return R"tableforge_json(@openapi@)tableforge_json"; }

std::string_view version() { return "@PROJECT_VERSION@"; }

std::string_view revision() { return "@revision@"; }

}  // namespace tableforge::app
]])
  target_sources(${target} PRIVATE ${embedded})
endfunction()

function(tableforge_read_document path result)
  # Reconfigures when a file changes, and so writes the source anew.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  if(text MATCHES "\\)tableforge_json\"")
    message(FATAL_ERROR "${path}: contains the delimiter of the literal that is to hold it")
  endif()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# The commit that was configured, or "unknown" outside a git checkout.
function(tableforge_revision result)
  set(revision unknown)
  find_program(GIT git)
  if(GIT AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
    execute_process(COMMAND ${GIT} -c safe.directory=${PROJECT_SOURCE_DIR} rev-parse --short=12 HEAD
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE failed ERROR_QUIET)
    if(NOT failed)
      set(revision ${output})
    endif()
    if(EXISTS ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
    endif()
  endif()
  set(${result} ${revision} PARENT_SCOPE)
endfunction()
