#include "serve_process.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "private_servers.hpp"
#include "process.hpp"

namespace tableforge::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

/// Nothing here takes a tenth of it; sanitizers on a busy machine are what it allows for.
constexpr std::chrono::seconds kPatience{60};

std::string lower(std::string text) {
  for (char &c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return text;
}

}  // namespace

Answer ask(std::uint16_t port, std::string const &method, std::string const &target, std::string const &token,
           std::string const &body) {
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(http::field::host, "127.0.0.1");
  request.keep_alive(false);
  if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();

  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  socket.connect({asio::ip::make_address("127.0.0.1"), port});
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response);
  Answer answer{.status = response.result_int(), .body = std::move(response.body()), .headers = {}};
  for (auto const &field : response) {
    answer.headers.emplace(lower(std::string(field.name_string())), std::string(field.value()));
  }
  return answer;
}

ScratchDirectory::ScratchDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "tableforge-serve-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string migrated_database() {
  std::string url = PrivateServers::shared().fresh_database();
  Finished const finished = run({TABLEFORGE_BINARY, "migrate", "--database-url", url});
  if (finished.exit_code != 0) throw std::runtime_error("tableforge migrate failed:\n" + finished.output);
  return url;
}

ServeProcess::ServeProcess(Options options) : run_dir_(std::move(options.run_dir)) {
  // One pipe for both outputs keeps their order; `exec` keeps the pid that of the server.
  std::vector<std::string> command{"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&1", TABLEFORGE_BINARY, "serve"};
  for (auto const &argument :
       {std::string("--port=0"), std::string("--admin-port=0"), "--run-dir=" + run_dir_.string(),
        "--database-url=" + options.database_url, "--redis-url=" + options.redis_url, std::string("--io-threads=2")}) {
    command.push_back(argument);
  }
  command.insert(command.end(), options.more.begin(), options.more.end());

  // What an earlier process that was killed has left is not ours to read.
  std::filesystem::remove(run_dir_ / "port");
  std::filesystem::remove(run_dir_ / "admin-port");
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  pid_ = start(command, nothing, pipe[1]);
  ::close(nothing);
  ::close(pipe[1]);
  reader_ = std::thread([this, descriptor = pipe[0]] { read(descriptor); });
}

ServeProcess::~ServeProcess() {
  if (pid_ > 0) kill();
  reader_.join();
}

void ServeProcess::read(int descriptor) {
  std::array<char, 4096> buffer{};
  ssize_t n = 0;
  while ((n = ::read(descriptor, buffer.data(), buffer.size())) > 0 || (n < 0 && errno == EINTR)) {
    if (n < 0) continue;
    std::lock_guard lock(mutex_);
    output_.append(buffer.data(), static_cast<std::size_t>(n));
    printed_.notify_all();
  }
  ::close(descriptor);
  std::lock_guard lock(mutex_);
  ended_ = true;
  printed_.notify_all();
}

ServeProcess &ServeProcess::await_serving() {
  await_line(" serves http://");
  return *this;
}

void ServeProcess::await_line(std::string_view text) {
  std::unique_lock lock(mutex_);
  std::size_t found = std::string::npos;
  printed_.wait_for(lock, kPatience, [&] {
    found = output_.find(text, seen_);
    return found != std::string::npos || ended_;
  });
  if (found == std::string::npos) {
    throw std::runtime_error("the server did not print \"" + std::string(text) + "\":\n" + output_);
  }
  seen_ = found + text.size();
}

std::uint16_t ServeProcess::port_in(char const *file) const {
  std::ifstream stream(run_dir_ / file);
  std::uint16_t port = 0;
  if (!(stream >> port)) throw std::runtime_error(std::string("there is no file ") + file + ":\n" + output());
  return port;
}

void ServeProcess::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

int ServeProcess::wait() { return test::wait(std::exchange(pid_, -1)); }

int ServeProcess::terminate() {
  signal(SIGTERM);
  return wait();
}

int ServeProcess::kill() {
  signal(SIGKILL);
  return wait();
}

std::string ServeProcess::output() const {
  std::lock_guard lock(mutex_);
  return output_;
}

}  // namespace tableforge::test
