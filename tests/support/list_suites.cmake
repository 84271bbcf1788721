# cmake -D KIND= -D BINARY= -D TIMEOUT= -D LIST= -P list_suites.cmake
#
# Writes one ctest test per gtest suite of BINARY into LIST.
execute_process(COMMAND ${BINARY} --gtest_list_tests OUTPUT_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${BINARY} does not list its tests: ${result}\n${output}")
endif()
# The lines at the margin that end in a dot are suites, with a comment behind some; the indented ones are cases.
string(REGEX MATCHALL "(^|\n)[^ \n]+\\.( |\n)" suites "${output}")
set(tests "")
foreach(suite IN LISTS suites)
  string(STRIP "${suite}" suite)
  string(REGEX REPLACE "\\.$" "" suite "${suite}")
  if(suite MATCHES "(^|/)DISABLED_")
    continue()
  endif()
  string(APPEND tests "add_test([=[${KIND}.${suite}]=] [=[${BINARY}]=] [=[--gtest_filter=${suite}.*]=])\n")
  # A suite is reported as skipped if all its cases were; one that fails or leaks goes on printing behind that list.
  string(APPEND tests "set_tests_properties([=[${KIND}.${suite}]=] PROPERTIES LABELS ${KIND} FIXTURES_REQUIRED schema_packages TIMEOUT ${TIMEOUT}
  SKIP_REGULAR_EXPRESSION [=[\\[  PASSED  \\] 0 tests\\.[\r\n]+(\\[  SKIPPED \\] [^\r\n]*[\r\n]+)+([\r\n]*  YOU HAVE [0-9]+ DISABLED TESTS?[\r\n]+)?\$]=])\n")
endforeach()
file(WRITE ${LIST} "${tests}")
