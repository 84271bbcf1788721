#include "app/tuner_command.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "tableforge/load/http_client.hpp"
#include "tableforge/tuner/mode.hpp"

namespace tableforge::app {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::ordered_json;
using Method = load::HttpRequest::Method;

/// Longer than the server lets an operator wait.
constexpr std::chrono::seconds kAnswerLimit{40};
constexpr std::uint16_t kAdminPort = 9090;

struct Arguments {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: as the run directory says, else the usual one.
  std::string token;
  std::filesystem::path run_dir = ".run";
  bool json = false;

  std::string domain;
  bool dry_run = false;
  unsigned limit = 20;
  std::string assignment;
  std::string knob;
  std::string mode;
};

/// What a person is told instead of an answer.
struct Trouble : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::optional<std::string> word_in(std::filesystem::path const &path) {
  std::ifstream file(path);
  std::string text;
  if (file >> text) return text;
  return std::nullopt;
}

std::uint16_t port_in(std::filesystem::path const &path) {
  auto const written = word_in(path);
  if (!written) return kAdminPort;
  std::uint16_t port = 0;
  auto const *const end = written->data() + written->size();
  auto const [stopped, code] = std::from_chars(written->data(), end, port);
  if (code != std::errc{} || stopped != end) throw Trouble(path.string() + " holds no port; give --admin-port");
  return port;
}

class Operator {
 public:
  explicit Operator(Arguments const &arguments) {
    endpoint_.host = arguments.address;
    endpoint_.port = arguments.port;
    if (endpoint_.port == 0) {
      endpoint_.port = port_in(arguments.run_dir / "admin-port");
    }
    token_ = arguments.token;
    if (token_.empty()) token_ = word_in(arguments.run_dir / "admin-token").value_or("");
    if (token_.empty()) {
      throw Trouble(
          "no token: give --admin-token or TABLEFORGE_ADMIN_TOKEN, or the server's --run-dir, where it keeps "
          "the one that it made");
    }
  }

  [[nodiscard]] Json ask(Method method, std::string target, Json const &body = nullptr) const {
    asio::io_context context;
    std::optional<Result<load::HttpResponse>> answer;
    load::HttpClient const client(endpoint_);
    load::HttpRequest request{.method = method,
                              .target = std::move(target),
                              .token = token_,
                              .body = body.is_null() ? std::string() : body.dump()};
    asio::co_spawn(context, client.request(std::move(request), kAnswerLimit),
                   [&](std::exception_ptr failure, Result<load::HttpResponse> got) {
                     if (!failure) answer.emplace(std::move(got));
                   });
    context.run();
    if (!answer || !*answer) {
      throw Trouble("no answer from the admin listener at " + endpoint_.text() + ": " +
                    (answer ? std::string(answer->error().text) : "the connection failed") +
                    "; is the server running, and are --admin-address and --admin-port its own?");
    }
    return read(**answer);
  }

 private:
  static Json read(load::HttpResponse const &response) {
    auto json = Json::parse(response.body, nullptr, false);
    if (json.is_discarded()) throw Trouble("the answer is not JSON: is that the admin listener of TableForge?");
    if (response.status / 100 == 2) return json;
    std::string message = "the server refused, with status " + std::to_string(response.status);
    if (json.contains("error")) {
      auto const &error = json.at("error");
      message = error.value("message", message);
      if (error.contains("details") && error.at("details").contains("path")) {
        message = error.at("details").at("path").get<std::string>() + ": " + message;
      }
    }
    throw Trouble(message);
  }

  load::Endpoint endpoint_;
  std::string token_;
};

std::string number_text(Json const &number) {
  std::ostringstream out;
  out << std::setprecision(6) << number.get<double>();
  return out.str();
}

std::string percent_text(Json const &share) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1) << share.get<double>() * 100 << " %";
  return out.str();
}

std::string changes_text(Json const &changes) {
  std::string text;
  for (auto const &each : changes) {
    if (!text.empty()) text += ", ";
    text +=
        each.at("knob").get<std::string>() + ' ' + number_text(each.at("from")) + " -> " + number_text(each.at("to"));
  }
  return text;
}

void print_status(Json const &status) {
  std::cout << "mode " << status.at("mode").get<std::string>() << '\n';
  for (auto const &domain : status.at("domains")) {
    std::cout << "domain " << domain.at("name").get<std::string>() << ": ";
    if (domain.contains("trial")) {
      std::cout << "trying " << changes_text(domain.at("trial").at("changes"));
    } else {
      std::cout << (domain.value("waits", false) ? "waits for its group" : "idle");
    }
    std::cout << (domain.contains("next_at") ? ", next slot " + domain.at("next_at").get<std::string>()
                                             : ", started by hand only")
              << '\n';
  }
  for (auto const &knob : status.at("knobs")) {
    std::cout << "knob " << knob.at("name").get<std::string>() << ": " << number_text(knob.at("value")) << " (boot "
              << number_text(knob.at("boot")) << ", from " << number_text(knob.at("min")) << " to "
              << number_text(knob.at("max")) << ')';
    if (knob.contains("pinned")) std::cout << ", pinned";
    if (knob.contains("kept")) std::cout << ", kept " << number_text(knob.at("kept"));
    if (knob.contains("frozen_until")) std::cout << ", frozen until " << knob.at("frozen_until").get<std::string>();
    std::cout << '\n';
  }
  auto const &reactive = status.at("reactive");
  if (reactive.at("breached").get<bool>()) {
    std::cout << "latency beyond its objective since " << reactive.at("since").get<std::string>() << ", because of "
              << reactive.value("blamed", "no stage that is watched") << '\n';
  }
  for (auto const &lease : reactive.at("leases")) {
    std::cout << "lease " << changes_text(Json::array({lease})) << ", for " << lease.at("stage").get<std::string>()
              << ", until " << lease.at("until").get<std::string>() << '\n';
  }
  if (auto const lines = status.at("spooled_lines").get<std::size_t>(); lines > 0) {
    std::cout << lines << " lines of the record wait for PostgreSQL\n";
  }
  for (auto const &domain : status.at("domains")) {
    if (domain.contains("latest")) std::cout << "latest slot: " << domain.at("latest").get<std::string>();
  }
}

void print_history(Json const &history) {
  auto const &actions = history.at("actions");
  if (actions.empty()) std::cout << "the record is empty\n";
  for (auto const &action : actions) {
    std::cout << action.at("at").get<std::string>() << "  " << action.at("state").get<std::string>() << "  "
              << changes_text(action.at("changes")) << "  (" << action.at("trigger").get<std::string>() << ", "
              << action.at("mode").get<std::string>() << ')';
    if (action.at("state") == "proposed" || action.at("state") == "trial" || action.contains("verdict")) {
      std::cout << "  predicted " << percent_text(action.at("predicted_gain"));
    }
    if (action.contains("realised_gain")) std::cout << ", measured " << percent_text(action.at("realised_gain"));
    if (action.contains("verdict")) std::cout << "  " << action.at("verdict").get<std::string>();
    if (auto const reason = action.at("reason").get<std::string>(); !reason.empty()) std::cout << ": " << reason;
    std::cout << '\n';
  }
}

std::pair<std::string, double> read_assignment(std::string const &text) {
  auto const equals = text.find('=');
  std::size_t read = 0;
  double value = 0;
  try {
    if (equals != std::string::npos) value = std::stod(text.substr(equals + 1), &read);
  } catch (std::exception const &) {
    read = 0;
  }
  if (equals == std::string::npos || equals == 0 || read == 0 || read != text.size() - equals - 1) {
    throw Trouble("\"" + text + "\" is not KNOB=VALUE with a number, such as cache_lobby_page_ttl_ms=2000");
  }
  return {text.substr(0, equals), value};
}

struct Subcommands {
  CLI::App *status, *run, *history, *pin, *unpin, *mode, *reset;
};

void carry_out(Subcommands const &commands, Arguments const &arguments) {
  Operator const to(arguments);
  Json answer;
  void (*print)(Json const &) = print_status;
  if (commands.run->parsed()) {
    answer = to.ask(Method::post, "/admin/tuner/run", {{"domain", arguments.domain}, {"dry_run", arguments.dry_run}});
    print = [](Json const &report) { std::cout << report.at("text").get<std::string>(); };
  } else if (commands.history->parsed()) {
    answer = to.ask(Method::get, "/admin/tuner/history?limit=" + std::to_string(arguments.limit));
    print = print_history;
  } else if (commands.pin->parsed()) {
    auto const [knob, value] = read_assignment(arguments.assignment);
    answer = to.ask(Method::put, "/admin/tuner/pins/" + knob, {{"value", value}});
  } else if (commands.unpin->parsed()) {
    answer = to.ask(Method::delete_, "/admin/tuner/pins/" + arguments.knob);
  } else if (commands.mode->parsed()) {
    answer = to.ask(Method::put, "/admin/tuner/mode", {{"mode", arguments.mode}});
  } else if (commands.reset->parsed()) {
    answer = to.ask(Method::post, "/admin/tuner/reset");
  } else {
    answer = to.ask(Method::get, "/admin/tuner");
  }
  if (arguments.json) {
    std::cout << answer.dump(2) << '\n';
  } else {
    print(answer);
  }
}

}  // namespace

std::function<int()> tuner_command(CLI::App &app) {
  auto const arguments = std::make_shared<Arguments>();
  app.require_subcommand(1);
  app.add_option("--admin-address", arguments->address, "Where the server's operators are served")
      ->type_name("IP")
      ->envname("TABLEFORGE_ADMIN_ADDRESS")
      ->capture_default_str();
  app.add_option("--admin-port", arguments->port, "The same; without it, as the run directory says, else 9090")
      ->type_name("PORT")
      ->envname("TABLEFORGE_ADMIN_PORT");
  app.add_option("--admin-token", arguments->token,
                 "What operators show; prefer the variable, since flags are visible to others. Without it, the one in "
                 "the run directory")
      ->type_name("TEXT")
      ->envname("TABLEFORGE_ADMIN_TOKEN");
  app.add_option("--run-dir", arguments->run_dir, "The server's, where it keeps its admin port and token")
      ->type_name("DIR")
      ->envname("TABLEFORGE_RUN_DIR")
      ->capture_default_str();
  app.add_flag("--json", arguments->json, "What the server answered, as it is");
  app.fallthrough();

  Subcommands commands{};
  commands.status = app.add_subcommand("status", "The mode, what is being tried, and every knob of the tuner");
  commands.run = app.add_subcommand("run", "A slot now: look, propose, and try if the mode allows it");
  commands.run
      ->add_option("domain", arguments->domain,
                   "Which part of the server: one of the domains that the status tells, such as cache")
      ->type_name("DOMAIN")
      ->required();
  commands.run->add_flag("--dry-run", arguments->dry_run, "Only tell what would be tried, and why nothing else");
  commands.history = app.add_subcommand("history", "The latest lines of the record, the newest first");
  commands.history->add_option("--limit", arguments->limit, "How many")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  commands.pin = app.add_subcommand("pin", "Set a knob and have the tuner leave it alone, across restarts");
  commands.pin->add_option("assignment", arguments->assignment, "The knob and its value")
      ->type_name("KNOB=VALUE")
      ->required();
  commands.unpin = app.add_subcommand("unpin", "Give a knob back to the tuner; its value stays");
  commands.unpin->add_option("knob", arguments->knob, "The knob")->type_name("KNOB")->required();
  commands.mode = app.add_subcommand("mode", "How far the tuner may go, until the process ends");
  std::vector<std::string> const modes(Words<tuner::Mode>::words.begin(), Words<tuner::Mode>::words.end());
  commands.mode->add_option("mode", arguments->mode, "off, observe, dry-run, canary or auto")
      ->type_name("MODE")
      ->required()
      ->check(CLI::IsMember(modes));
  commands.reset = app.add_subcommand(
      "reset", "End trials, unpin, forget what was kept, go back to the boot configuration, and only observe");
  return [arguments, commands] {
    try {
      carry_out(commands, *arguments);
      return 0;
    } catch (Trouble const &trouble) {
      std::cerr << "tableforge: " << trouble.what() << '\n';
      return 1;
    }
  };
}

}  // namespace tableforge::app
