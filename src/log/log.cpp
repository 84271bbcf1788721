#include "tableforge/log/log.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <span>

#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include "tableforge/base/guarded.hpp"

#include "log/line.hpp"
#include "log/line_writer.hpp"

namespace tableforge::log {

namespace {

/// Time, the two ends of a JSON object and the newline: what the pattern adds to a line.
constexpr std::size_t kPatternBytes = 48;
constexpr char const *kTextPattern = "%Y-%m-%dT%H:%M:%S.%fZ %v";
constexpr char const *kJsonPattern = "{\"at\":\"%Y-%m-%dT%H:%M:%S.%fZ\",%v}";

std::atomic<std::uint64_t> lines_suppressed{0};
std::atomic<std::uint64_t> lines_lost{0};

/// Hands finished lines to a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

 private:
  void sink_it_(spdlog::details::log_msg const &message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    take_({line.data(), line.size()});
  }
  void flush_() override {}

  std::function<void(std::string_view)> take_;
};

/// Writes to stderr, and says so when lines were lost.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StderrSink(bool json) : json_(json) {}

 private:
  void sink_it_(spdlog::details::log_msg const &message) override {
    if (!writer_.ready()) {
      lines_lost.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    if (std::uint64_t const lost = writer_.take_lost(); lost > 0) {
      Field const fields[]{{"lines", lost}};
      auto *const form = json_ ? json_line : text_line;
      std::string const notice =
          form(Level::warn, "log lines were lost", std::span<Field const>(fields), kLineBytesMax);
      put(spdlog::details::log_msg(message.time, {}, {}, spdlog::level::warn, notice));
    }
    put(message);
  }
  void flush_() override {}

  void put(spdlog::details::log_msg const &message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!writer_.write({line.data(), line.size()})) lines_lost.fetch_add(1, std::memory_order_relaxed);
  }

  bool json_;
  LineWriter writer_{STDERR_FILENO};
};

struct Destination {
  explicit Destination(Options options) : json(options.json) {
    if (options.sink) {
      sink = std::make_shared<FunctionSink>(std::move(options.sink));
    } else {
      sink = std::make_shared<StderrSink>(json);
    }
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(json ? kJsonPattern : kTextPattern,
                                                                    spdlog::pattern_time_type::utc, "\n"));
  }

  bool json;
  std::shared_ptr<spdlog::sinks::sink> sink;
};

std::atomic<Level> level_now{Level::info};

/// Swapped whole, so that a thread that is writing keeps what it writes to. Leaked at exit: what is destroyed after
/// main still may log.
Guarded<std::shared_ptr<Destination>> &destination() {
  static auto *const held = new Guarded<std::shared_ptr<Destination>>(std::make_shared<Destination>(Options{}));
  return *held;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void init(Options options) {
  Level const level = options.level;
  auto fresh = std::make_shared<Destination>(std::move(options));
  destination().with([&](auto &current) { current.swap(fresh); });
  level_now.store(level, std::memory_order_relaxed);
}

NotWritten not_written() {
  return {.suppressed = lines_suppressed.load(std::memory_order_relaxed),
          .lost = lines_lost.load(std::memory_order_relaxed)};
}

void count_suppressed() { lines_suppressed.fetch_add(1, std::memory_order_relaxed); }

bool enabled(Level level) { return level >= level_now.load(std::memory_order_relaxed); }

void write_span(Level level, std::string_view message, std::span<Field const> fields) {
  if (!enabled(level)) return;
  std::shared_ptr<Destination> const to = destination().with([](auto const &current) { return current; });
  auto *const form = to->json ? json_line : text_line;
  std::string const line = form(level, message, fields, kLineBytesMax - kPatternBytes);
  to->sink->log(spdlog::details::log_msg(spdlog::source_loc{}, "", spdlog_level(level), line));
}

}  // namespace tableforge::log
