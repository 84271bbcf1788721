#include "codec/disk_reader.hpp"

namespace tableforge::codec {

void read(Json const &json, table::Sight &sight) {
  sight = {};
  if (json.is_null()) return;
  if (json == "all") {
    sight.all = true;
  } else {
    read(json, sight.player);
  }
}

void read(Json const &json, table::Audience &audience) {
  audience = {};
  if (json == "all") {
    audience.all = true;
  } else {
    read(json, audience.players);
  }
}

void read(Json const &json, table::TableCreated &created) {
  auto const state = std::make_shared<table::State>();
  read(json.at("state"), *state);
  created.state = state;
}

}  // namespace tableforge::codec
