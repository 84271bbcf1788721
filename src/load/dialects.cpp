#include "tableforge/base/check.hpp"

#include "load/dialect.hpp"

namespace tableforge::load {

std::unique_ptr<Dialect> make_dialect(LoadDialect dialect, DialectShare &share) {
  switch (dialect) {
    case LoadDialect::tableforge: return make_tableforge_dialect(share);
    case LoadDialect::ws: return make_ws_dialect(share);
    case LoadDialect::socket_io: return make_socket_io_dialect(share);
    case LoadDialect::colyseus: return make_colyseus_dialect(share);
    case LoadDialect::nats: return make_nats_dialect(share);
  }
  TF_CHECK(false);
  return nullptr;
}

}  // namespace tableforge::load
