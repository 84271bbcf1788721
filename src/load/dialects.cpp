#include "load/dialect.hpp"

namespace tableforge::load {

std::unique_ptr<Dialect> make_dialect(LoadDialect dialect, DialectShare &share) {
  static_cast<void>(dialect);
  return make_tableforge_dialect(share);
}

}  // namespace tableforge::load
