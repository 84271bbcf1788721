#include "performance/cache/served_instances.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "performance/cache/cache_instance.hpp"

namespace tableforge::test {

ServedInstances::ServedInstances(std::string database_url)
    : database_url_(std::move(database_url)), name_space_(fresh_name_space()) {}

ServeProcess &ServedInstances::start(std::string const &redis_url, std::vector<std::string> more) {
  Instance one{.directory = std::make_unique<ScratchDirectory>(), .process = {}};
  more.push_back("--secret=" + std::string(32, 's'));
  more.push_back("--cache-namespace=" + name_space_);
  more.push_back("--log-level=warn");
  more.push_back("--knob=session_actions_burst=10000");
  one.process = std::make_unique<ServeProcess>(ServeProcess::Options{.database_url = database_url_,
                                                                     .run_dir = one.directory->path(),
                                                                     .redis_url = redis_url,
                                                                     .more = std::move(more)});
  auto &server = one.process->await_serving();
  instances_.push_back(std::move(one));
  auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (redis_url != "none" && metric(server, "tableforge_redis_subscribed") != kSubscriptions) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("a server does not find its Redis");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return server;
}

void ServedInstances::end(ServeProcess &server) {
  if (int const code = server.terminate(); code != 0) {
    throw std::runtime_error("a server ended with " + std::to_string(code) + ":\n" + server.output());
  }
  std::erase_if(instances_, [&](Instance const &one) { return one.process.get() == &server; });
}

std::string ServedInstances::register_player(ServeProcess const &server) {
  auto const answer = server.post("/v1/players", "", R"({"name":"Ada"})");
  if (answer.status != 201) throw std::runtime_error("POST /v1/players was answered by " + answer.body);
  return nlohmann::json::parse(answer.body).at("token");
}

std::string ServedInstances::found_table(KeptConnection &connection, std::string const &token,
                                         std::string const &name) {
  nlohmann::json const table{{"name", name}, {"system", "cards-52"}, {"visibility", "public"}};
  auto const answer = connection.ask("POST", "/v1/tables", token, table.dump());
  if (answer.status != 201) {
    throw std::runtime_error("POST /v1/tables was answered by " + std::to_string(answer.status) + " " + answer.body);
  }
  return nlohmann::json::parse(answer.body).at("id");
}

double ServedInstances::metric(ServeProcess const &server, std::string const &name) {
  std::string const text = "\n" + server.admin("/metrics").body;
  auto const at = text.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
}

std::vector<KeptConnection> ServedInstances::connections(ServeProcess const &server, std::size_t count) {
  std::vector<KeptConnection> all;
  for (std::size_t i = 0; i < count; ++i) all.emplace_back(server.port());
  return all;
}

}  // namespace tableforge::test
