#include "codec/disk_reader.hpp"

#include "codec/disk_form.hpp"

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

void read(Json const &json, table::Move &move) {
  if (!json.is_object()) throw Malformed("expected an object");
  move = usual_move();
  for_each_field<table::Move>([&](auto const &each) {
    if (json.contains(each.name) || !may_be_left_out(each)) read_field(json, move, each);
  });
  if (!json.contains("from")) move.from = move.to;
}

void read(Json const &json, table::TableCreated &created) {
  auto const state = std::make_shared<table::State>();
  read(json.at("state"), *state);
  created.state = state;
}

}  // namespace tableforge::codec
