#include "storage/pqxx_shim.hpp"

namespace tableforge::storage::shim {

#if PQXX_VERSION_MAJOR >= 7

static_assert(PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10, "libpqxx 6.4, or 7.10 and later");

pqxx::result exec_prepared(pqxx::transaction_base &transaction, std::string const &name,
                           std::span<std::string const> parameters, std::optional<std::string_view> last) {
  pqxx::params list;
  list.reserve(parameters.size() + 1);
  // Views, because a batch of the journal is large and outlives the call.
  for (std::string const &parameter : parameters) list.append(pqxx::zview(parameter));
  if (last) list.append(pqxx::binary_cast(*last));
  return transaction.exec(pqxx::prepped(pqxx::zview(name)), list);
}

Tamed::Tamed(pqxx::connection &connection) {
  connection.set_notice_handler([](pqxx::zview) {});
}

#else

pqxx::result exec_prepared(pqxx::transaction_base &transaction, std::string const &name,
                           std::span<std::string const> parameters, std::optional<std::string_view> last) {
  auto const texts = pqxx::prepare::make_dynamic_params(parameters.begin(), parameters.end());
  if (!last) return transaction.exec_prepared(name, texts);
  return transaction.exec_prepared(name, texts, pqxx::binarystring(last->data(), last->size()));
}

Tamed::Tamed(pqxx::connection &connection) : quiet_(connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

#endif

}  // namespace tableforge::storage::shim

#if defined(__SANITIZE_ADDRESS__)
#define TF_LEAKS_ARE_LOOKED_FOR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TF_LEAKS_ARE_LOOKED_FOR
#endif
#endif
#if defined(TF_LEAKS_ARE_LOOKED_FOR) && PQXX_VERSION_MAJOR < 7
// libpqxx 6.4 asks a connection for its encoding before it takes hold of the result, and on a connection that broke
// that throws: about a kilobyte is lost with each one.
extern "C" char const *__lsan_default_suppressions();
extern "C" char const *__lsan_default_suppressions() { return "leak:libpqxx-6\n"; }
#endif
