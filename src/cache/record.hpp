#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tableforge/base/time.hpp"
#include "tableforge/cache/shelf.hpp"

namespace tableforge::cache {

/// What Redis holds under one key.
///
/// On the wire: "TF", the format's number, flags, version, when it was filled, what the load cost, the payload's size
/// before compression, and a CRC-32 of all that and the payload; numbers are big-endian. The version's place is known
/// to the scripts in remote.cpp too.
struct Record {
  enum class Kind : std::uint8_t {
    value,
    negative,   ///< The origin had nothing.
    tombstone,  ///< Invalidated: nothing up to `version` may be filled in.
  };

  Kind kind = Kind::value;
  Version version = 0;
  Time filled_at{};
  std::chrono::microseconds load_cost{0};
  std::string payload{};

  bool operator==(Record const &) const = default;
};

/// A value that is larger does not go to Redis, and one that claims to be is not believed.
inline constexpr std::size_t kPayloadBytesMax = 16 * 1024 * 1024;

/// Compresses a payload of at least `compress_from` bytes if that saves a tenth: less is not worth the reader's time.
std::string encode_record(Record const &record, std::size_t compress_from);

/// None for bytes that encode_record() did not make, whatever they are.
std::optional<Record> decode_record(std::string_view bytes);

/// What the first bytes of an entry tell without the rest, so unproved by its checksum.
struct RecordHead {
  bool is_tombstone;
  Version version;
};
inline constexpr std::size_t kRecordHeadBytes = 32;
std::optional<RecordHead> decode_head(std::string_view bytes);

}  // namespace tableforge::cache
