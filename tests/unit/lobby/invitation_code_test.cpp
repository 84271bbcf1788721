#include "lobby/invitation_code.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include <gtest/gtest.h>

namespace tableforge::lobby {
namespace {

TEST(InvitationCode, IsReadAsItWasMadeInCapitalsToo) {
  std::string const code = make_invitation_code();
  std::string capitals = code;
  std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
  EXPECT_EQ(read_invitation_code(code), code);
  EXPECT_EQ(read_invitation_code(capitals), code);
}

TEST(InvitationCode, IsNothingElse) {
  std::string const code = make_invitation_code();
  for (std::string const &text : {std::string(), code.substr(1), code + "a", "1" + code.substr(1), "0" + code.substr(1),
                                  "-" + code.substr(1), std::string(1, '\0') + code.substr(1), " " + code}) {
    EXPECT_EQ(read_invitation_code(text), "") << text;
  }
}

TEST(InvitationCode, UsesAllItsDigitsAlike) {
  constexpr int kCodes = 5'000;
  std::array<int, 256> seen{};
  std::set<std::string> codes;
  for (int i = 0; i < kCodes; ++i) {
    std::string const code = make_invitation_code();
    ASSERT_EQ(code.size(), 26u);
    for (char const c : code) ++seen[static_cast<unsigned char>(c)];
    codes.insert(code);
  }
  EXPECT_EQ(codes.size(), static_cast<std::size_t>(kCodes));
  // 130,000 digits over 32 values: 4,062 each, give or take 63; eight times that fails by chance once in 10^13 runs.
  EXPECT_EQ(std::ranges::count_if(seen, [](int n) { return n > 0; }), 32);
  for (int const n : seen) {
    if (n > 0) {
      EXPECT_NEAR(n, 4'062, 500);
    }
  }
}

}  // namespace
}  // namespace tableforge::lobby
