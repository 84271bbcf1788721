#include "cache/record.hpp"

#include <algorithm>
#include <limits>

#include <zlib.h>

#include "tableforge/base/check.hpp"

namespace tableforge::cache {

namespace {

constexpr std::string_view kMagic{"TF\x01", 3};
constexpr std::size_t kCrcAt = 28;

enum Flag : unsigned char { kCompressed = 1, kNegative = 2, kTombstone = 4 };

template <class N>
void append_number(std::string &out, N number) {
  for (std::size_t byte = sizeof(N); byte-- > 0;) out += static_cast<char>((number >> (8 * byte)) & 0xff);
}

template <class N>
N read_number(std::string_view bytes, std::size_t at) {
  N number = 0;
  for (std::size_t i = 0; i < sizeof(N); ++i) {
    number = static_cast<N>((number << 8) | static_cast<unsigned char>(bytes[at + i]));
  }
  return number;
}

Bytef const *as_bytes(char const *text) { return reinterpret_cast<Bytef const *>(text); }

std::uint32_t checksum(std::string_view head, std::string_view payload) {
  uLong const of_head = ::crc32(0, as_bytes(head.data()), static_cast<uInt>(head.size()));
  return static_cast<std::uint32_t>(::crc32(of_head, as_bytes(payload.data()), static_cast<uInt>(payload.size())));
}

/// Empty if it does not pay.
std::string compressed(std::string const &payload) {
  // Room for nine tenths: zlib gives up by itself when that is not enough.
  std::string out(payload.size() - payload.size() / 10, '\0');
  uLongf size = out.size();
  // Level 1: the reader waits for it, and higher ones cost several times as much for a few percent.
  if (::compress2(reinterpret_cast<Bytef *>(out.data()), &size, as_bytes(payload.data()), payload.size(), 1) != Z_OK) {
    return {};
  }
  out.resize(size);
  return out;
}

std::optional<std::string> decompressed(std::string_view bytes, std::size_t size) {
  std::string out(size, '\0');
  uLongf out_size = size;
  int const code = ::uncompress(reinterpret_cast<Bytef *>(out.data()), &out_size, as_bytes(bytes.data()), bytes.size());
  if (code != Z_OK || out_size != size) return std::nullopt;
  return out;
}

}  // namespace

std::string encode_record(Record const &record, std::size_t compress_from) {
  TF_CHECK(record.payload.size() <= kPayloadBytesMax);
  std::string packed;
  if (record.payload.size() >= std::max<std::size_t>(compress_from, 1)) packed = compressed(record.payload);
  unsigned char flags = packed.empty() ? 0 : kCompressed;
  if (record.kind == Record::Kind::negative) flags |= kNegative;
  if (record.kind == Record::Kind::tombstone) flags |= kTombstone;
  std::string_view const payload = packed.empty() ? std::string_view(record.payload) : std::string_view(packed);
  std::string out;
  out.reserve(kRecordHeadBytes + payload.size());
  out += kMagic;
  out += static_cast<char>(flags);
  append_number(out, record.version);
  append_number(out, static_cast<std::uint64_t>(record.filled_at.time_since_epoch().count()));
  auto const cost = std::clamp<std::int64_t>(record.load_cost.count(), 0, std::numeric_limits<std::uint32_t>::max());
  append_number(out, static_cast<std::uint32_t>(cost));
  append_number(out, static_cast<std::uint32_t>(record.payload.size()));
  append_number(out, checksum(out, payload));
  out += payload;
  return out;
}

std::optional<Record> decode_record(std::string_view bytes) {
  if (bytes.size() < kRecordHeadBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  std::string_view const payload = bytes.substr(kRecordHeadBytes);
  if (payload.size() > kPayloadBytesMax) return std::nullopt;
  if (read_number<std::uint32_t>(bytes, kCrcAt) != checksum(bytes.substr(0, kCrcAt), payload)) return std::nullopt;
  auto const flags = static_cast<unsigned char>(bytes[3]);
  std::size_t const size = read_number<std::uint32_t>(bytes, 24);
  bool const is_compressed = (flags & kCompressed) != 0;
  unsigned const kind = flags & ~unsigned{kCompressed};
  if (kind != 0 && kind != kNegative && kind != kTombstone) return std::nullopt;
  if (size > kPayloadBytesMax || (kind != 0 && !payload.empty())) return std::nullopt;
  Record record;
  if (kind == kNegative) record.kind = Record::Kind::negative;
  if (kind == kTombstone) record.kind = Record::Kind::tombstone;
  record.version = read_number<std::uint64_t>(bytes, 4);
  record.filled_at = Time(std::chrono::microseconds(static_cast<std::int64_t>(read_number<std::uint64_t>(bytes, 12))));
  record.load_cost = std::chrono::microseconds(read_number<std::uint32_t>(bytes, 20));
  if (is_compressed) {
    auto unpacked = decompressed(payload, size);
    if (!unpacked) return std::nullopt;
    record.payload = std::move(*unpacked);
  } else {
    if (size != payload.size()) return std::nullopt;
    record.payload = payload;
  }
  return record;
}

std::optional<RecordHead> decode_head(std::string_view bytes) {
  if (bytes.size() < kRecordHeadBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  return RecordHead{.is_tombstone = (static_cast<unsigned char>(bytes[3]) & kTombstone) != 0,
                    .version = read_number<std::uint64_t>(bytes, 4)};
}

}  // namespace tableforge::cache
