#include "storage/failure.hpp"

#include <exception>
#include <string_view>

#include <pqxx/pqxx>

namespace tableforge::storage {

namespace {

Failure of_sqlstate(std::string const &state) {
  using enum Failure::Kind;
  std::string_view const code = state;
  std::string_view const group = code.substr(0, 2);
  // 40003 says outright that the outcome is unknown. The server's shutdown may strike after the commit was written.
  if (code.empty() || group == "08" || code == "40003" || code == "57P01" || code == "57P02" || code == "57P03" ||
      code == "57P05") {
    return {broken, state};
  }
  if (code == "40001" || code == "40P01") return {again, state};
  if (group == "22" || group == "23" || group == "54") return {refused, state};
  return {other, state};
}

}  // namespace

Failure current_failure() {
  try {
    throw;
  } catch (pqxx::deadlock_detected const &) {  // Before sql_error, because in 6.4 these carry no code.
    return of_sqlstate("40P01");
  } catch (pqxx::serialization_failure const &) {
    return of_sqlstate("40001");
  } catch (pqxx::statement_completion_unknown const &) {
    return of_sqlstate("40003");
  } catch (pqxx::transaction_rollback const &) {
    return {Failure::Kind::again, "40000"};
  } catch (pqxx::broken_connection const &) {
    return {Failure::Kind::broken, ""};
  } catch (pqxx::sql_error const &error) {
    return of_sqlstate(error.sqlstate());
  } catch (pqxx::failure const &) {
    return {Failure::Kind::broken, ""};
  } catch (std::exception const &) {
    return {Failure::Kind::other, ""};
  }
}

std::string current_message() {
  try {
    throw;
  } catch (std::exception const &error) {
    return error.what();
  }
}

Error Failure::error() const {
  switch (kind) {
    case Kind::broken: return fail(Errc::unavailable, "the connection to PostgreSQL was lost").error();
    case Kind::again: return fail(Errc::conflict, "PostgreSQL asks to try again").error();
    case Kind::refused:
      if (sqlstate.starts_with("23")) return fail(Errc::conflict, "PostgreSQL refused it: a constraint").error();
      return fail(Errc::invalid, "PostgreSQL cannot take this value").error();
    case Kind::other: break;
  }
  if (sqlstate == "57014") return fail(Errc::timeout, "PostgreSQL did not finish in time").error();
  return fail(Errc::unavailable, "PostgreSQL cannot do it now").error();
}

}  // namespace tableforge::storage
