#include "gateway/trusted_proxies.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tableforge::gateway {
namespace {

namespace ip = boost::asio::ip;

TrustedProxies proxies() {
  std::vector<std::string> const blocks{"10.0.0.0/8", "192.0.2.7", "fd00::/7", "203.0.113.128/25"};
  return TrustedProxies::parse(blocks).value();
}

std::string client(std::string const &peer, std::string_view forwarded_for) {
  return proxies().client_of(ip::make_address(peer), forwarded_for).to_string();
}

bool trusts(std::string const &address) { return proxies().trusts(ip::make_address(address)); }

TEST(TrustedProxies, TrustsAddressesAndBlocksToTheBit) {
  EXPECT_TRUE(trusts("10.0.0.0"));
  EXPECT_TRUE(trusts("10.255.255.255"));
  EXPECT_FALSE(trusts("11.0.0.0"));
  EXPECT_TRUE(trusts("192.0.2.7"));
  EXPECT_FALSE(trusts("192.0.2.6"));
  EXPECT_TRUE(trusts("203.0.113.128"));
  EXPECT_FALSE(trusts("203.0.113.127"));
  EXPECT_TRUE(trusts("fc00::1"));
  EXPECT_TRUE(trusts("fdff::1"));
  EXPECT_FALSE(trusts("fe00::1"));
}

TEST(TrustedProxies, KnowsAnIpv4AddressInTheFormOfIpv6) {
  EXPECT_TRUE(trusts("::ffff:10.1.2.3"));
  EXPECT_FALSE(trusts("::ffff:11.1.2.3"));
}

TEST(TrustedProxies, TrustNobodyByDefault) {
  TrustedProxies const none;
  EXPECT_FALSE(none.trusts(ip::make_address("127.0.0.1")));
  EXPECT_EQ(none.client_of(ip::make_address("127.0.0.1"), "198.51.100.1").to_string(), "127.0.0.1");
}

TEST(TrustedProxies, RefuseWhatIsNoBlock) {
  for (std::string const wrong : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0", "fd00::/129",
                                  "fe80::1%lo", "proxy.example", "10.0.0.0/8 "}) {
    EXPECT_FALSE(TrustedProxies::parse(std::vector{wrong}).has_value()) << wrong;
  }
}

TEST(TrustedProxies, TakeTheRightMostAddressThatIsNotTrusted) {
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1, 192.0.2.7 ,10.9.9.9"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "[2001:db8::7]:4711"), "2001:db8::7");
  EXPECT_EQ(client("10.0.0.1", "2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1:4711"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "::ffff:198.51.100.1"), "198.51.100.1");
}

TEST(TrustedProxies, DoNotBelieveWhatAClientSays) {
  EXPECT_EQ(client("198.51.100.1", "203.0.113.1"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "203.0.113.1, 198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "10.0.0.9, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "nonsense, 198.51.100.1"), "198.51.100.1");
}

TEST(TrustedProxies, StopAtAnEntryThatCannotBeRead) {
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1, unknown"), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1, _hidden, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1,"), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", "[2001:db8::7"), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", "fe80::1%lo"), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", " \t, ,"), "10.0.0.1");
}

TEST(TrustedProxies, NeverLetGarbageStandRightOfTheTruth) {
  auto const seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  std::string const letters = "0123456789abcdef:.,[]% \t/x";
  for (int i = 0; i < 5'000; ++i) {
    std::string garbage;
    for (auto size = random() % 40; size > 0; --size) garbage += letters[random() % letters.size()];
    // However the garbage reads, a trusted proxy wrote whom it heard behind it.
    ASSERT_EQ(client("10.0.0.1", garbage + ",198.51.100.1"), "198.51.100.1") << garbage << " seed " << seed;
    ASSERT_EQ(client("198.51.100.1", garbage), "198.51.100.1") << garbage << " seed " << seed;
    client("10.0.0.1", garbage);  // Whatever it says, it is read to its end.
  }
}

}  // namespace
}  // namespace tableforge::gateway
