#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/cache/shelf.hpp"
#include "tableforge/knobs/cache_knobs.hpp"
#include "tableforge/metrics/words.hpp"

namespace tableforge::cache {

namespace asio = boost::asio;

using metrics::CacheClass;

/// Whether what lies under a key can ever change. What cannot is never invalidated, refreshed early or served stale,
/// and outlives a lost connection to Redis.
enum class Mutability : std::uint8_t { immutable, mutable_ };

/// What the origin answered, and which changes it had seen when it did.
///
/// Versions grow, and one rule compares them: a value has seen the change that an invalidation tells of only if its
/// version is greater than the invalidation's; otherwise it may have been read before, and is not kept. For PostgreSQL
/// a value has pg_snapshot_xmin() of the snapshot it was read in, an invalidation the writer's transaction id: all
/// transactions below xmin had ended when the snapshot was taken.
template <class V>
struct Loaded {
  std::shared_ptr<V const> value;  ///< Null: there is no such thing, which is worth remembering too.
  Version version = 0;
};

/// For how long the origin has had a change that a value has not seen. None: the value has seen all.
using Unseen = Result<std::optional<Clock::duration>>;

/// A class of cached value without its type: what the levels below need to know.
struct ClassSpec {
  CacheClass id;
  Mutability mutability;
  CacheKnobs const &knobs;
  /// How much memory a value occupies, its own object included.
  std::function<std::size_t(void const *)> bytes;
  /// To the bytes that other instances read. Null, as decode is, for a class that never leaves the process.
  std::function<std::string(void const *)> encode;
  /// Distrusts its input: Redis may hold what another version wrote, or anybody.
  std::function<Result<std::shared_ptr<void const>>(std::string_view)> decode;
  /// Asks the origin, as an audit of what was served (auditor.hpp): late, seldom, and willing to be turned away. Null
  /// for a class that is not audited.
  std::function<asio::awaitable<Unseen>(std::string key, std::shared_ptr<void const> value, Version version)> unseen;

  [[nodiscard]] bool is_mutable() const { return mutability == Mutability::mutable_; }
  [[nodiscard]] std::string_view name() const { return Words<CacheClass>::words[static_cast<std::size_t>(id)]; }
};

/// The declaration of one class of cached value.
///
/// A key names a value among those of its class. Where it holds a table's id, that stands in braces, `{id}`, so that
/// all of a table's keys live on one node of a cluster.
///
/// Threads: any; immutable. It outlives every Near that is asked for it.
template <class V>
class Class {
 public:
  using Unseens =
      std::function<asio::awaitable<Unseen>(std::string key, std::shared_ptr<V const> value, Version version)>;

  struct Spec {
    CacheClass id;
    Mutability mutability;
    CacheKnobs const &knobs;
    std::function<std::size_t(V const &)> bytes;
    std::function<std::string(V const &)> encode{};
    std::function<Result<std::shared_ptr<V const>>(std::string_view)> decode{};
    Unseens unseen{};
  };

  explicit Class(Spec spec)
      : spec_{.id = spec.id,
              .mutability = spec.mutability,
              .knobs = spec.knobs,
              .bytes = {},
              .encode = {},
              .decode = {},
              .unseen = {}} {
    spec_.bytes = [bytes = std::move(spec.bytes)](void const *value) { return bytes(*static_cast<V const *>(value)); };
    if (spec.unseen) {
      spec_.unseen = [unseen = std::move(spec.unseen)](std::string key, std::shared_ptr<void const> value,
                                                       Version version) {
        return unseen(std::move(key), std::static_pointer_cast<V const>(std::move(value)), version);
      };
    }
    if (!spec.encode || !spec.decode) return;
    spec_.encode = [encode = std::move(spec.encode)](void const *value) {
      return encode(*static_cast<V const *>(value));
    };
    spec_.decode = [decode = std::move(spec.decode)](std::string_view bytes) -> Result<std::shared_ptr<void const>> {
      auto value = decode(bytes);
      if (!value) return std::unexpected(value.error());
      return std::shared_ptr<void const>(std::move(*value));
    };
  }
  Class(Class const &) = delete;
  Class &operator=(Class const &) = delete;

  [[nodiscard]] ClassSpec const &spec() const { return spec_; }

 private:
  ClassSpec spec_;
};

}  // namespace tableforge::cache
