#include "load/live_table.hpp"

#include <utility>

#include "load/trouble.hpp"

namespace tableforge::load {

namespace asio = boost::asio;

namespace {

constexpr Seq kHistoryPage = 200;

std::string recording_name(std::size_t number) { return "table-" + std::to_string(number) + ".jsonl"; }

}  // namespace

LiveTable::LiveTable(asio::any_io_executor executor, ReplayOptions const &options, Endpoint const &server,
                     std::uint64_t seed, Findings &findings, TablePlan plan)
    : executor_(std::move(executor)),
      server_(server),
      http_(server),
      findings_(findings),
      plan_(std::move(plan)),
      name_("table " + std::to_string(plan_.number)),
      deadline_(options.deadline),
      saboteur_(seed, options.cut_rate, options.repeat_rate),
      entitlements_(viewers()) {
  if (options.record) recorder_.emplace(*options.record / recording_name(plan_.number));
}

asio::awaitable<Reply> LiveTable::ask(HttpRequest request) {
  return load::ask(http_, std::move(request), deadline_, name_);
}

asio::awaitable<LiveTable::Member> LiveTable::make_player(std::string name) {
  HttpRequest request{
      .method = HttpRequest::Method::post, .target = "/v1/players", .token = {}, .body = Json{{"name", name}}.dump()};
  auto const reply = co_await ask(std::move(request));
  co_return Member{.player = reply.json.at("player").at("id"), .token = reply.json.at("token")};
}

asio::awaitable<void> LiveTable::make_table(std::string token) {
  // Every other table is closed to strangers, so that both ways in are used.
  Json body{{"name", "Replay, " + name_},
            {"system", plan_.system},
            {"visibility", plan_.number % 2 == 0 ? "private" : "public"}};
  if (plan_.seats_are_counted) body["seats"] = seats();
  HttpRequest request{
      .method = HttpRequest::Method::post, .target = "/v1/tables", .token = std::move(token), .body = body.dump()};
  auto const reply = co_await ask(std::move(request));
  id_ = reply.json.at("id").get<std::string>();
}

asio::awaitable<void> LiveTable::invite(std::string owner_token, std::string role, std::vector<Member> guests) {
  Json const body{{"role", role}, {"uses", guests.size()}, {"expires_in", 3600}};
  HttpRequest invitation{.method = HttpRequest::Method::post,
                         .target = "/v1/tables/" + id_ + "/invitations",
                         .token = std::move(owner_token),
                         .body = body.dump()};
  auto const reply = co_await ask(std::move(invitation));
  auto const code = reply.json.at("code").get<std::string>();
  for (auto const &guest : guests) {
    HttpRequest acceptance{
        .method = HttpRequest::Method::post, .target = "/v1/invitations/" + code, .token = guest.token, .body = {}};
    co_await ask(std::move(acceptance));
  }
}

void LiveTable::connect(std::string name, Member member) {
  ViewerIdentity identity{.name = name_ + " " + name,
                          .player = std::move(member.player),
                          .token = std::move(member.token),
                          .table = id_,
                          .server = server_,
                          .deadline = deadline_};
  auto client =
      std::make_shared<TableClient>(executor_, std::move(identity), LeakScanner(entitlements_, clients_.size()),
                                    findings_, recorder_ ? &*recorder_ : nullptr);
  clients_.push_back(client);
  // Some ask for the whole past, which must come to the same as the present.
  client->start(saboteur_.chance(0.5) ? std::optional<Seq>(0) : std::nullopt);
}

asio::awaitable<void> LiveTable::open() {
  auto names = plan_.seats;
  names.emplace_back("dealer");
  names.emplace_back("spectator");
  std::vector<Member> members;
  for (auto const &name : names) members.push_back(co_await make_player(name_ + " " + name));
  auto const owner_token = members.front().token;
  co_await make_table(owner_token);
  co_await invite(owner_token, "gm", {members[dealer()]});
  co_await invite(owner_token, "spectator", {members[dealer() + 1]});
  if (plan_.number % 2 == 0)
    co_await invite(owner_token, "player",
                    {members.begin() + 1, members.begin() + static_cast<std::ptrdiff_t>(seats())});

  for (std::size_t viewer = 0; viewer < viewers(); ++viewer) connect(names[viewer], members[viewer]);
  for (auto const &client : clients_) co_await client->welcomed();
  for (std::size_t seat = 0; seat < seats(); ++seat) co_await act(seat, "seat.take", {{"seat", plan_.seats[seat]}});
}

asio::awaitable<void> LiveTable::close() {
  for (auto const &client : clients_) co_await client->stop();
}

asio::awaitable<TableModel const *> LiveTable::look(std::size_t viewer) {
  co_await clients_[viewer]->reached(seq_);
  co_return &clients_[viewer]->model();
}

asio::awaitable<Json> LiveTable::act(std::size_t viewer, std::string op, Json data, Json condition) {
  // A player acts on what was done before.
  co_await clients_[viewer]->reached(seq_);
  if (saboteur_.cuts_bystander()) {
    auto const bystander = saboteur_.pick(clients_.size());
    auto const how = saboteur_.cut();
    clients_[bystander]->cut_after(saboteur_.moment(), how);
  }
  auto const trick = saboteur_.trick();
  auto answer = co_await clients_[viewer]->act(op, std::move(data), std::move(condition), trick, saboteur_.moment());
  if (!answer.accepted()) {
    throw Trouble(clients_[viewer]->identity().name + ": " + op + " was refused: " + answer.error.dump());
  }
  if (answer.seq() <= seq_) mismatch(op + " was answered with the old seq " + std::to_string(answer.seq()));
  seq_ = std::max(seq_, answer.seq());
  co_return std::move(answer.event);
}

asio::awaitable<void> LiveTable::try_forbidden(std::size_t viewer, std::string op, Json data, std::string code) {
  auto const answer = co_await clients_[viewer]->act(op, std::move(data), nullptr, Trick::none, {});
  if (answer.accepted()) {
    seq_ = std::max(seq_, answer.seq());
    mismatch(op + " was accepted, though nobody in that place may do it");
  } else if (answer.error.at("code") != code) {
    mismatch(op + " was refused as " + answer.error.at("code").dump() + ", not as " + code);
  }
  ++findings_.counts.refusals;
}

void LiveTable::show_presence(std::size_t viewer, Json data) { clients_[viewer]->send_presence(std::move(data)); }

void LiveTable::mismatch(std::string const &what) { findings_.mismatch(name_ + ": " + what); }

asio::awaitable<void> LiveTable::compare_pictures() {
  for (auto const &client : clients_) {
    co_await client->reached(seq_);
    HttpRequest request{.method = HttpRequest::Method::get,
                        .target = "/v1/tables/" + id_,
                        .token = client->identity().token,
                        .body = {}};
    auto const shown = co_await ask(std::move(request));
    auto const seq = shown.json.at("seq").get<Seq>();
    client->inspect(shown.bytes, shown.json, seq);
    ++findings_.counts.comparisons;
    auto const &model = client->model();
    if (auto const wrong = model.contradiction()) client->mismatch(*wrong);
    if (seq != model.seq()) {
      client->mismatch("the server shows seq " + std::to_string(seq) + ", the viewer is at " +
                       std::to_string(model.seq()));
    } else if (auto const difference = model.difference(shown.json.at("state"))) {
      client->mismatch(*difference);
    }
  }
}

asio::awaitable<void> LiveTable::compare_histories() {
  for (auto const &client : clients_) {
    std::optional<Seq> from = 1;
    Seq seen = 0;
    while (from) {
      HttpRequest request{.method = HttpRequest::Method::get,
                          .target = "/v1/tables/" + id_ + "/history?from=" + std::to_string(*from) +
                                    "&limit=" + std::to_string(kHistoryPage),
                          .token = client->identity().token,
                          .body = {}};
      auto const page = co_await ask(std::move(request));
      client->inspect_history(page.bytes, page.json, *from);
      seen = *from + page.json.at("events").size() - 1;
      auto const &next = page.json.at("next");
      bool const goes_on = !next.is_null() && next.get<Seq>() > *from;
      from = goes_on ? std::optional(next.get<Seq>()) : std::nullopt;
    }
    if (seen != seq_) client->mismatch("history ends at seq " + std::to_string(seen) + ", not " + std::to_string(seq_));
  }
}

}  // namespace tableforge::load
