#include "app/tuner_routes.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "tableforge/log/log.hpp"

#include "app/knob_document.hpp"
#include "app/operator_gate.hpp"
#include "app/tuner_document.hpp"
#include "gateway/request_body.hpp"

namespace tableforge::app {

namespace {

using boost::asio::awaitable;
using gateway::HttpRequest;
using gateway::HttpResponse;
using gateway::Refusal;
using gateway::Router;

constexpr std::string_view kTuner = "/admin/tuner";
constexpr std::string_view kHistory = "/admin/tuner/history";
constexpr std::string_view kRun = "/admin/tuner/run";
constexpr std::string_view kMode = "/admin/tuner/mode";
constexpr std::string_view kPin = "/admin/tuner/pins/{name}";
constexpr std::string_view kReset = "/admin/tuner/reset";

constexpr std::size_t kHistoryLines = 50;
constexpr std::size_t kHistoryLinesMax = 1'000;

struct RunRequest {
  std::string domain;
  std::optional<bool> dry_run;
};

struct ModeRequest {
  tuner::Mode mode = tuner::Mode::off;
  static constexpr auto fields() { return std::tuple(field("mode", &ModeRequest::mode)); }
};

std::expected<RunRequest, Refusal> run_request(std::string_view body) {
  auto const json = gateway::parse_body(body);
  if (!json) return std::unexpected(json.error());
  RunRequest request;
  for (auto const &[name, value] : json->items()) {
    if (name == "domain" && value.is_string()) {
      request.domain = value.get<std::string>();
    } else if (name == "dry_run" && value.is_boolean()) {
      request.dry_run = value.get<bool>();
    } else if (name == "domain" || name == "dry_run") {
      return std::unexpected(
          Refusal{.message = name == "domain" ? "expected a text" : "expected true or false", .path = name});
    } else {
      return std::unexpected(Refusal{.message = "there is no such field", .path = name});
    }
  }
  if (request.domain.empty()) return std::unexpected(Refusal{.message = "the field is missing", .path = "domain"});
  return request;
}

std::expected<std::size_t, Refusal> lines_of(HttpRequest const &request) {
  auto const found = request.query.find("limit");
  if (found == request.query.end()) return kHistoryLines;
  std::size_t lines = 0;
  auto const *const end = found->second.data() + found->second.size();
  auto const [stopped, code] = std::from_chars(found->second.data(), end, lines);
  if (code == std::errc{} && stopped == end && lines >= 1 && lines <= kHistoryLinesMax) return lines;
  return std::unexpected(
      Refusal{.message = "expected an integer from 1 to " + std::to_string(kHistoryLinesMax), .path = "limit"});
}

/// An operator talks about our own machinery, and is told what is wrong with it.
HttpResponse respond(Result<std::string> const &body) {
  if (body) return json_response(200, *body);
  return answer(Refusal{.code = protocol::code_of(body.error().code), .message = std::string(body.error().text)});
}

awaitable<HttpResponse> status(Tuning &tuning) {
  if (tuning.off()) co_return json_response(200, tuner_off_document());
  co_return respond(
      co_await tuning.ask([](Tuning::Desk const &desk) -> Result<std::string> { return tuner_status_document(desk); }));
}

awaitable<HttpResponse> history(Tuning &tuning, HttpRequest request) {
  auto const lines = lines_of(request);
  if (!lines) co_return answer(lines.error());
  auto const read = [lines = *lines](Tuning::Desk const &desk) -> Result<std::string> {
    auto const actions = desk.record.history(lines);
    if (!actions) return std::unexpected(actions.error());
    return tuner_history_document(*actions);
  };
  co_return respond(co_await tuning.ask(read));
}

awaitable<HttpResponse> run(Tuning &tuning, HttpRequest request) {
  auto wanted = run_request(request.body);
  if (!wanted) co_return answer(wanted.error());
  log::info("an operator runs the tuner",
            {{"domain", wanted->domain}, {"dry_run", wanted->dry_run.value_or(false) ? "true" : "false"}});
  auto const slot = [wanted = std::move(*wanted)](Tuning::Desk const &desk) -> Result<std::string> {
    auto const report = desk.tuner.run(wanted.domain, desk.now, wanted.dry_run.value_or(false));
    if (!report) return std::unexpected(report.error());
    return tuner_report_document(*report);
  };
  co_return respond(co_await tuning.ask(slot));
}

awaitable<HttpResponse> set_mode(Tuning &tuning, HttpRequest request) {
  auto const wanted = gateway::read_body<ModeRequest>(request.body);
  if (!wanted) co_return answer(wanted.error());
  log::info("an operator sets the tuner's mode", {{"mode", word(wanted->mode)}});
  auto const set = [mode = wanted->mode](Tuning::Desk const &desk) -> Result<std::string> {
    desk.tuner.set_mode(mode, desk.now);
    return tuner_status_document(desk);
  };
  co_return respond(co_await tuning.ask(set));
}

awaitable<HttpResponse> pin(Tuning &tuning, HttpRequest request, std::string knob) {
  auto const value = knob_value(request.body);
  if (!value) co_return answer(value.error());
  log::info("an operator pins a knob", {{"knob", knob}, {"value", *value}});
  auto const set = [knob = std::move(knob), value = *value](Tuning::Desk const &desk) -> Result<std::string> {
    if (auto const pinned = desk.tuner.pin(knob, value, desk.now); !pinned) return std::unexpected(pinned.error());
    return tuner_status_document(desk);
  };
  co_return respond(co_await tuning.ask(set));
}

awaitable<HttpResponse> unpin(Tuning &tuning, std::string knob) {
  log::info("an operator unpins a knob", {{"knob", knob}});
  auto const set = [knob = std::move(knob)](Tuning::Desk const &desk) -> Result<std::string> {
    if (auto const unpinned = desk.tuner.unpin(knob); !unpinned) return std::unexpected(unpinned.error());
    return tuner_status_document(desk);
  };
  co_return respond(co_await tuning.ask(set));
}

awaitable<HttpResponse> reset(Tuning &tuning) {
  log::info("an operator resets the tuner");
  co_return respond(co_await tuning.ask([](Tuning::Desk const &desk) -> Result<std::string> {
    if (auto const done = desk.tuner.reset(desk.now); !done) return std::unexpected(done.error());
    return tuner_status_document(desk);
  }));
}

}  // namespace

void add_tuner_routes(Router &router, OperatorToken const &token, Tuning &tuning) {
  auto const add = [&](std::string_view method, std::string_view pattern, auto handle) {
    router.add(method, pattern,
               [token, handle](HttpRequest request, Router::Parameters parameters) -> awaitable<HttpResponse> {
                 if (auto refused = turned_away(token, request)) co_return *refused;
                 co_return co_await handle(std::move(request), std::move(parameters));
               });
  };
  using Parameters = Router::Parameters;
  add("GET", kTuner, [&tuning](HttpRequest, Parameters) { return status(tuning); });
  add("GET", kHistory, [&tuning](HttpRequest request, Parameters) { return history(tuning, std::move(request)); });
  add("POST", kRun, [&tuning](HttpRequest request, Parameters) { return run(tuning, std::move(request)); });
  add("PUT", kMode, [&tuning](HttpRequest request, Parameters) { return set_mode(tuning, std::move(request)); });
  add("PUT", kPin, [&tuning](HttpRequest request, Parameters parameters) {
    return pin(tuning, std::move(request), parameters.at("name"));
  });
  add("DELETE", kPin, [&tuning](HttpRequest, Parameters parameters) { return unpin(tuning, parameters.at("name")); });
  add("POST", kReset, [&tuning](HttpRequest, Parameters) { return reset(tuning); });
}

std::vector<std::string_view> tuner_patterns() { return {kTuner, kHistory, kRun, kMode, kPin, kReset}; }

}  // namespace tableforge::app
