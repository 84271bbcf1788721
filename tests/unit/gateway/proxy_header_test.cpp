#include "gateway/proxy_header.hpp"

#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace tableforge::gateway {
namespace {

using namespace std::string_literals;

std::string binary(unsigned char command, unsigned char family, std::string const &addresses) {
  auto out = "\r\n\r\n\0\r\nQUIT\n"s;
  out += static_cast<char>(command);
  out += static_cast<char>(family);
  out += static_cast<char>(addresses.size() / 256);
  out += static_cast<char>(addresses.size() % 256);
  return out + addresses;
}

std::string const kV4 = "\xc6\x33\x64\x01\x0a\x00\x00\x01\x12\x34\x1f\x90"s;
std::string const kV6 =
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x08\x12\x34\x1f\x90"s;

/// The source's address; "none", "incomplete" or "malformed".
std::string read(std::string const &bytes) {
  auto const header = read_proxy_header(bytes);
  if (!header) return header.error() == ProxyFault::incomplete ? "incomplete" : "malformed";
  return header->source ? header->source->to_string() : "none";
}

TEST(ProxyHeader, IsReadInItsFirstVersion) {
  EXPECT_EQ(read("PROXY TCP4 198.51.100.1 10.0.0.1 4660 8080\r\n"), "198.51.100.1");
  EXPECT_EQ(read("PROXY TCP6 2001:db8::7 2001:db8::8 4660 8080\r\n"), "2001:db8::7");
  EXPECT_EQ(read("PROXY TCP6 ::ffff:198.51.100.1 ::1 0 65535\r\n"), "198.51.100.1");
  EXPECT_EQ(read("PROXY UNKNOWN\r\n"), "none");
  EXPECT_EQ(read("PROXY UNKNOWN ffff:f...f 1 2\r\n"), "none");
}

TEST(ProxyHeader, IsReadInItsSecondVersion) {
  EXPECT_EQ(read(binary(0x21, 0x11, kV4)), "198.51.100.1");
  EXPECT_EQ(read(binary(0x21, 0x21, kV6)), "2001:db8::7");
  EXPECT_EQ(read(binary(0x21, 0x11, kV4 + "\x04\x00\x01x"s)), "198.51.100.1");
  EXPECT_EQ(read(binary(0x20, 0x00, "")), "none");
  EXPECT_EQ(read(binary(0x20, 0x11, kV4)), "none");
  EXPECT_EQ(read(binary(0x21, 0x00, "")), "none");
}

TEST(ProxyHeader, EndsWhereTheClientBegins) {
  std::string const line = "PROXY TCP4 198.51.100.1 10.0.0.1 4660 8080\r\n";
  EXPECT_EQ(read_proxy_header(line + "GET / HTTP/1.1\r\n").value().bytes, line.size());
  EXPECT_EQ(read_proxy_header(line + line).value().bytes, line.size());
  auto const frame = binary(0x21, 0x21, kV6 + std::string(300, 't'));
  EXPECT_EQ(read_proxy_header(frame + "GET / HTTP/1.1\r\n").value().bytes, frame.size());
}

TEST(ProxyHeader, IsWaitedForByteByByte) {
  for (auto const &whole : {"PROXY TCP4 198.51.100.1 10.0.0.1 4660 8080\r\n"s, binary(0x21, 0x11, kV4)}) {
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_EQ(read(whole.substr(0, size)), "incomplete") << size;
    EXPECT_EQ(read(whole), "198.51.100.1");
  }
}

TEST(ProxyHeader, IsRefusedAtTheFirstByteThatCannotBeOfOne) {
  EXPECT_EQ(read("G"), "malformed");
  EXPECT_EQ(read("GET / HTTP/1.1\r\n"), "malformed");
  EXPECT_EQ(read("PROXYTCP4"), "malformed");
  EXPECT_EQ(read("proxy tcp4"), "malformed");
  EXPECT_EQ(read("\r\n\r\n\r"s), "malformed");
  EXPECT_EQ(read("PROXY TCP4 " + std::string(200, '1')), "malformed");
}

TEST(ProxyHeader, IsRefusedWhenALineIsNotExactlyOne) {
  for (std::string const line :
       {"TCP4 198.51.100.1 10.0.0.1 4660", "TCP4 198.51.100.1 10.0.0.1 4660 8080 1", "TCP4  198.51.100.1 10.0.0.1 1 2",
        "TCP4 198.51.100.1 10.0.0.1 4660 65536", "TCP4 198.51.100.1 10.0.0.1 -1 2", "TCP4 198.51.100.1 10.0.0.1 01 2",
        "TCP4 198.51.100.256 10.0.0.1 1 2", "TCP4 2001:db8::7 2001:db8::8 1 2", "TCP6 198.51.100.1 10.0.0.1 1 2",
        "TCP6 fe80::1%lo ::1 1 2", "TCP4 198.51.100.1 nowhere 1 2", "UDP4 198.51.100.1 10.0.0.1 1 2", "UNKNOWNS", "",
        "TCP4 198.51.100.1 10.0.0.1 1 2\n", "TCP4 198.51.100.1\t10.0.0.1 1 2"}) {
    EXPECT_EQ(read("PROXY " + line + "\r\n"), "malformed") << line;
  }
}

TEST(ProxyHeader, IsRefusedInOtherFamiliesVersionsAndSizes) {
  EXPECT_EQ(read(binary(0x11, 0x11, kV4)), "malformed");                    // Version 1 in the form of 2.
  EXPECT_EQ(read(binary(0x22, 0x11, kV4)), "malformed");                    // No such command.
  EXPECT_EQ(read(binary(0x21, 0x12, kV4)), "malformed");                    // UDP.
  EXPECT_EQ(read(binary(0x21, 0x31, std::string(216, 'x'))), "malformed");  // A socket of Unix.
  EXPECT_EQ(read(binary(0x21, 0x11, kV4.substr(1))), "malformed");          // Too short for its family.
  EXPECT_EQ(read(binary(0x21, 0x21, kV6.substr(1))), "malformed");
  EXPECT_EQ(read(binary(0x21, 0x11, std::string(3'000, 'x'))), "malformed");  // More than is read.
  EXPECT_EQ(read(binary(0x21, 0x11, std::string(3'000, 'x')).substr(0, 16)), "malformed");
}

TEST(ProxyHeader, IsReadOrRefusedWhateverComes) {
  auto const seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = random() % 2 == 0 ? "PROXY TCP4 198.51.100.1 10.0.0.1 4660 8080\r\n"s : binary(0x21, 0x21, kV6);
    for (auto changes = random() % 4; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
    }
    bytes.resize(random() % (bytes.size() + 1));
    auto const header = read_proxy_header(bytes);
    // Exactly sized, so that a sanitizer sees a read beyond what came.
    ASSERT_TRUE(!header || header->bytes <= bytes.size()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tableforge::gateway
