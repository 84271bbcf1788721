# Puts deploy/migrations/NNNN_name.sql into the storage library, so that the binary needs no file beside it.
file(GLOB migrations CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/deploy/migrations/*.sql)
list(SORT migrations)

set(expected 1)
set(entries "")
foreach(path IN LISTS migrations)
  # Reconfigures when a file changes, and so writes the source anew.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  get_filename_component(name ${path} NAME_WE)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "${path}: a migration is called NNNN_name.sql")
  endif()
  string(REGEX REPLACE "^0+" "" number ${CMAKE_MATCH_1})
  if(NOT number EQUAL expected)
    message(FATAL_ERROR "${path}: the next migration must have the number ${expected}")
  endif()
  math(EXPR expected "${expected} + 1")
  file(READ ${path} sql)
  if(NOT sql MATCHES "^-- Served from: ([1-9][0-9]*)\n")
    message(FATAL_ERROR "${path}: must begin with \"-- Served from: N\", see docs/adr/0029-old-programs-serve-newer-schemas.md")
  endif()
  set(served_from ${CMAKE_MATCH_1})
  if(sql MATCHES "\\)tableforge_sql\"")
    message(FATAL_ERROR "${path}: contains the delimiter of the literal that is to hold it")
  endif()
  string(APPEND entries "    {${number}, \"${name}\", R\"tableforge_sql(${sql})tableforge_sql\", ${served_from}},\n")
endforeach()

set(embedded ${CMAKE_CURRENT_BINARY_DIR}/storage/embedded_migrations.cpp)
file(CONFIGURE OUTPUT ${embedded} @ONLY CONTENT [[
// Generated from deploy/migrations.
#include "storage/embedded_migrations.hpp"

namespace tableforge::storage {

namespace {
constexpr EmbeddedMigration kMigrations[] = {
@entries@};
}  // namespace

std::span<EmbeddedMigration const> embedded_migrations() { return kMigrations; }

}  // namespace tableforge::storage
]])
target_sources(tableforge_storage PRIVATE ${embedded})
