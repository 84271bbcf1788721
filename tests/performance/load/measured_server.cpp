#include "performance/load/measured_server.hpp"

#include <sstream>
#include <stdexcept>
#include <thread>

#include "load/process_use.hpp"
#include "performance/support/machine.hpp"
#include "support/private_servers.hpp"

namespace tableforge::test {

MeasuredServer::MeasuredServer(unsigned io_threads)
    : io_threads_(io_threads), database_url_(migrated_database()), postmaster_(postmaster_of(database_url_)) {
  start();
}

void MeasuredServer::start() {
  serve_ = std::make_unique<ServeProcess>(
      ServeProcess::Options{.database_url = database_url_,
                            .run_dir = directory_.path(),
                            .redis_url = PrivateServers::shared().redis_url(),
                            .more = {"--io-threads=" + std::to_string(io_threads_), "--log-level=warn"}});
  serve_->await_serving();
}

void MeasuredServer::restart() {
  if (int const code = serve_->terminate(); code != 0) {
    throw std::runtime_error("the server ended with " + std::to_string(code) + ":\n" + serve_->output());
  }
  start();
}

load::LoadReport MeasuredServer::run(load::LoadOptions options) const {
  options.url = serve_->ws_url();
  options.server_pid = serve_->pid();
  options.database_pid = postmaster_;
  // On a machine with one core there is nothing to keep apart.
  if (machine_cores() > 1) options.cpu = generator_core();
  load::LoadReport report;
  // A thread of its own, for the core it is bound to is not to bind this one, nor what this one starts.
  std::thread([&] { report = load::run_load(options); }).join();
  return report;
}

std::uint64_t MeasuredServer::resident_bytes() const {
  auto const totals = load::totals_of(serve_->pid());
  if (!totals) throw std::runtime_error("the server is gone:\n" + serve_->output());
  return totals->resident_bytes;
}

double MeasuredServer::metric(std::string const &name) const {
  std::istringstream lines(serve_->admin("/metrics").body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
  }
  throw std::runtime_error("/metrics has no " + name);
}

}  // namespace tableforge::test
