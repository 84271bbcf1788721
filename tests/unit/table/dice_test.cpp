#include "tableforge/table/dice.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <ostream>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tableforge/table/limits.hpp"

#include "unit/table/test_chance.hpp"

namespace tableforge::table {

static void PrintTo(Die const &die, std::ostream *out) {
  *out << 'd' << die.sides << '=' << die.value << (die.kept ? "" : " dropped");
}

namespace {

using test::ScriptedChance;
using test::SeededChance;
using testing::ElementsAre;
using testing::HasSubstr;

/// Rolls a notation that must be accepted; the dice show `values`, no more and no fewer.
Roll roll_showing(std::string_view notation, std::vector<std::uint64_t> values) {
  for (std::uint64_t &value : values) --value;
  std::size_t const expected_draws = values.size();
  ScriptedChance chance(std::move(values));
  auto const rolled = roll(notation, chance);
  if (!rolled) {
    ADD_FAILURE() << notation << " is refused: " << rolled.error().text;
    return {};
  }
  EXPECT_EQ(chance.drawn(), expected_draws) << notation;
  return *rolled;
}

std::int64_t total_of(std::string_view notation) { return roll_showing(notation, {}).total; }

bool accepts(std::string_view notation) {
  SeededChance chance(1);
  return roll(notation, chance).has_value();
}

/// Why a notation is refused; empty if it is not. A refusal draws nothing: the script is empty, and drawing would
/// throw.
std::string_view refusal_of(std::string_view notation) {
  ScriptedChance chance({});
  auto const rolled = roll(notation, chance);
  if (rolled) return {};
  EXPECT_EQ(rolled.error().why, Reject::bad_request) << notation;
  return rolled.error().text;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Dice, SumsTheDiceOfAThrow) {
  Roll const rolled = roll_showing("3d6", {2, 6, 1});

  EXPECT_THAT(rolled.dice, ElementsAre(Die{6, 2, true}, Die{6, 6, true}, Die{6, 1, true}));
  EXPECT_EQ(rolled.total, 9);
}

TEST(Dice, ThrowsOneDieWithoutACount) { EXPECT_THAT(roll_showing("d20", {17}).dice, ElementsAre(Die{20, 17, true})); }

TEST(Dice, ReadsPercentAsAHundredSides) {
  EXPECT_THAT(roll_showing("d%", {100}).dice, ElementsAre(Die{100, 100, true}));
  EXPECT_THAT(roll_showing("2d%", {1, 99}).dice, ElementsAre(Die{100, 1, true}, Die{100, 99, true}));
}

TEST(Dice, ReadsLettersInEitherCase) { EXPECT_EQ(roll_showing("2D6KH1+2d6Kl1", {3, 5, 3, 5}).total, 8); }

TEST(Dice, ReadsLeadingZeros) { EXPECT_EQ(roll_showing("01d06+007", {4}).total, 11); }

TEST(Dice, AllowsBlanksBetweenTokens) {
  EXPECT_EQ(roll_showing(" \t4 d 6\r\n kh 3 + ( 2 * - 1 ) ", {1, 2, 3, 4}).total, 7);
}

TEST(Dice, ListsDiceInTheOrderOfTheNotation) {
  Roll const rolled = roll_showing("1d4+(2d6-1d8)*d10", {4, 6, 5, 8, 10});

  EXPECT_THAT(rolled.dice,
              ElementsAre(Die{4, 4, true}, Die{6, 6, true}, Die{6, 5, true}, Die{8, 8, true}, Die{10, 10, true}));
  EXPECT_EQ(rolled.total, 4 + (11 - 8) * 10);
}

TEST(Dice, EveryFaceOfADieCanShow) {
  EXPECT_EQ(roll_showing("d1", {1}).total, 1);
  EXPECT_EQ(roll_showing("d1000000", {1}).total, 1);
  EXPECT_EQ(roll_showing("d1000000", {1'000'000}).total, 1'000'000);
}

TEST(Dice, CountsWithoutDice) {
  EXPECT_EQ(total_of("5"), 5);
  EXPECT_EQ(total_of("0"), 0);
}

TEST(Arithmetic, MultipliesBeforeItAdds) {
  EXPECT_EQ(total_of("2+3*4"), 14);
  EXPECT_EQ(total_of("2*3+4"), 10);
  EXPECT_EQ(total_of("20-2*3"), 14);
}

TEST(Arithmetic, SubtractsFromLeftToRight) { EXPECT_EQ(total_of("10-3-2+1"), 6); }

TEST(Arithmetic, ParenthesesComeFirst) {
  EXPECT_EQ(total_of("(2+3)*4"), 20);
  EXPECT_EQ(total_of("10-(3-2)"), 9);
  EXPECT_EQ(total_of("((7))"), 7);
}

TEST(Arithmetic, MinusNegates) {
  EXPECT_EQ(total_of("-3"), -3);
  EXPECT_EQ(total_of("--3"), 3);
  EXPECT_EQ(total_of("2*-3"), -6);
  EXPECT_EQ(total_of("-2*-3"), 6);
  EXPECT_EQ(total_of("2---3"), -1);
  EXPECT_EQ(total_of("-(2+3)"), -5);
  EXPECT_EQ(roll_showing("-2d6", {2, 3}).total, -5);
}

TEST(Keep, HighestDropsTheRestFromTheTotal) {
  Roll const rolled = roll_showing("4d6kh3", {3, 1, 6, 5});

  EXPECT_THAT(rolled.dice, ElementsAre(Die{6, 3, true}, Die{6, 1, false}, Die{6, 6, true}, Die{6, 5, true}));
  EXPECT_EQ(rolled.total, 14);
}

TEST(Keep, LowestDropsTheRestFromTheTotal) {
  Roll const rolled = roll_showing("3d20kl2", {20, 5, 7});

  EXPECT_THAT(rolled.dice, ElementsAre(Die{20, 20, false}, Die{20, 5, true}, Die{20, 7, true}));
  EXPECT_EQ(rolled.total, 12);
}

TEST(Keep, KeepsOneWithoutACount) {
  EXPECT_EQ(roll_showing("2d20kh", {4, 18}).total, 18);
  EXPECT_EQ(roll_showing("2d20kl", {4, 18}).total, 4);
  EXPECT_EQ(roll_showing("2d20kh+1", {4, 18}).total, 19);
  EXPECT_EQ(roll_showing("2d20kh-1", {4, 18}).total, 17);
}

TEST(Keep, MayKeepAll) { EXPECT_EQ(roll_showing("2d6kh2", {4, 5}).total, 9); }

TEST(Keep, HighestDropsTheLaterOfEqualDice) {
  EXPECT_THAT(roll_showing("4d6kh2", {5, 6, 5, 5}).dice,
              ElementsAre(Die{6, 5, true}, Die{6, 6, true}, Die{6, 5, false}, Die{6, 5, false}));
}

TEST(Keep, LowestDropsTheLaterOfEqualDice) {
  EXPECT_THAT(roll_showing("4d6kl2", {2, 1, 2, 2}).dice,
              ElementsAre(Die{6, 2, true}, Die{6, 1, true}, Die{6, 2, false}, Die{6, 2, false}));
}

// So many that no sort keeps their order by chance.
TEST(Keep, DropsTheLaterOfManyEqualDice) {
  for (std::string_view const notation : {"500d6kh100", "500d6kl100"}) {
    auto const dice = roll_showing(notation, std::vector<std::uint64_t>(500, 3)).dice;

    EXPECT_TRUE(std::ranges::all_of(dice.begin(), dice.begin() + 100, &Die::kept)) << notation;
    EXPECT_TRUE(std::ranges::none_of(dice.begin() + 100, dice.end(), &Die::kept)) << notation;
  }
}

TEST(Keep, ConcernsOnlyItsOwnThrow) {
  EXPECT_EQ(roll_showing("2d6kh1+2d6", {1, 2, 6, 5}).total, 13);
  EXPECT_EQ(roll_showing("2d6+2d6kl1", {1, 2, 6, 5}).total, 8);
}

TEST(DiceBounds, AThousandDiceInAll) {
  EXPECT_TRUE(accepts("1000d6"));
  EXPECT_TRUE(accepts("500d6+499d6+d4"));
  EXPECT_THAT(refusal_of("1001d6"), HasSubstr("at most 1000"));
  EXPECT_THAT(refusal_of("500d6+500d6+d4"), HasSubstr("at most 1000"));
  EXPECT_THAT(refusal_of("1001d6kh1"), HasSubstr("at most 1000"));
  EXPECT_THAT(refusal_of("9007199254740991d6"), HasSubstr("at most 1000"));
}

TEST(DiceBounds, AtLeastOneDie) { EXPECT_THAT(refusal_of("0d6"), HasSubstr("at least one die")); }

TEST(DiceBounds, OneToAMillionSides) {
  EXPECT_TRUE(accepts("1000d1000000"));
  EXPECT_THAT(refusal_of("6d0"), HasSubstr("at least one side"));
  EXPECT_THAT(refusal_of("d1000001"), HasSubstr("1000000 sides"));
}

TEST(DiceBounds, KeepsOneDieToAll) {
  EXPECT_THAT(refusal_of("4d6kh0"), HasSubstr("at least one"));
  EXPECT_THAT(refusal_of("4d6kl0"), HasSubstr("at least one"));
  EXPECT_THAT(refusal_of("4d6kh5"), HasSubstr("no more dice"));
  EXPECT_THAT(refusal_of("d6kl2"), HasSubstr("no more dice"));
}

TEST(DiceBounds, TwoHundredFiftySixCharacters) {
  EXPECT_TRUE(accepts("1" + repeat(" ", 255)));
  EXPECT_THAT(refusal_of("1" + repeat(" ", 256)), HasSubstr("too long"));
  EXPECT_EQ(total_of("11" + repeat("+1", 127)), 138);
}

TEST(DiceBounds, ThirtyTwoNestedParentheses) {
  EXPECT_EQ(total_of(repeat("(", 32) + "1" + repeat(")", 32)), 1);
  EXPECT_THAT(refusal_of(repeat("(", 33) + "1" + repeat(")", 33)), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal_of(repeat("(", 256)), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal_of(repeat("-(", 128)), HasSubstr("nested too deeply"));
}

TEST(DiceBounds, ParenthesesSideBySideAreNotNested) { EXPECT_EQ(total_of("0" + repeat("+(1)", 40)), 40); }

TEST(DiceBounds, AnyNumberOfMinusSigns) { EXPECT_EQ(total_of(repeat("-", 255) + "1"), -1); }

TEST(DiceRange, NumbersWithinWhatJsonCarries) {
  EXPECT_EQ(total_of("9007199254740991"), kIntegerMax);
  EXPECT_EQ(total_of("-9007199254740991"), -kIntegerMax);
  EXPECT_THAT(refusal_of("9007199254740992"), HasSubstr("too large"));
  EXPECT_THAT(refusal_of(repeat("9", 200)), HasSubstr("too large"));
  EXPECT_THAT(refusal_of("d18446744073709551622"), HasSubstr("too large"));
}

TEST(DiceRange, SumsWithinWhatJsonCarries) {
  EXPECT_EQ(total_of("9007199254740990+1"), kIntegerMax);
  EXPECT_EQ(total_of("-9007199254740990-1"), -kIntegerMax);
  EXPECT_THAT(refusal_of("9007199254740991+1"), HasSubstr("could leave"));
  EXPECT_THAT(refusal_of("-9007199254740991-1"), HasSubstr("could leave"));
}

TEST(DiceRange, EveryIntermediateResultCounts) {
  EXPECT_THAT(refusal_of("(9007199254740991+1)-1"), HasSubstr("could leave"));
  EXPECT_THAT(refusal_of("9007199254740991*2*0"), HasSubstr("could leave"));
}

TEST(DiceRange, ProductsThatDoNotFitInAWordAreRefused) {
  EXPECT_THAT(refusal_of("9007199254740991*9007199254740991"), HasSubstr("could leave"));
  EXPECT_THAT(refusal_of("-9007199254740991*9007199254740991"), HasSubstr("could leave"));
  EXPECT_THAT(refusal_of("-9007199254740991*-9007199254740991"), HasSubstr("could leave"));
  // 2^64 exactly, which wraps around to 0.
  EXPECT_THAT(refusal_of("4294967296*4294967296"), HasSubstr("could leave"));
}

// What could be thrown decides, not what is: otherwise a notation would be refused on some throws only.
TEST(DiceRange, TheGreatestThrowDecides) {
  EXPECT_TRUE(accepts("d2*4503599627370495"));
  EXPECT_THAT(refusal_of("d2*4503599627370496"), HasSubstr("could leave"));
  EXPECT_TRUE(accepts("9007199254740985+d6"));
  EXPECT_THAT(refusal_of("9007199254740986+d6"), HasSubstr("could leave"));
}

TEST(DiceRange, TheLeastThrowDecides) {
  EXPECT_TRUE(accepts("-9007199254740985-d6"));
  EXPECT_THAT(refusal_of("-9007199254740986-d6"), HasSubstr("could leave"));
  EXPECT_TRUE(accepts("-(d2*4503599627370495)"));
  EXPECT_THAT(refusal_of("-4503599627370496*d2"), HasSubstr("could leave"));
}

TEST(DiceRange, NegatedAndSubtractedThrowsTurnTheirEndsAround) {
  EXPECT_TRUE(accepts("-d6-9007199254740985"));
  EXPECT_THAT(refusal_of("-d6-9007199254740986"), HasSubstr("could leave"));
  EXPECT_TRUE(accepts("9007199254740985-(-d6)"));
  EXPECT_THAT(refusal_of("9007199254740986-(-d6)"), HasSubstr("could leave"));
}

// Each pair of signs makes another corner of the product the extreme one.
TEST(DiceRange, ProductsOfThrowsAreBoundedByEachCorner) {
  for (std::string const signs : {"d2*(d2*", "d2*(-d2*", "(-d2)*(d2*", "(-d2)*(-d2*"}) {
    EXPECT_TRUE(accepts(signs + "2251799813685247)")) << signs;
    EXPECT_THAT(refusal_of(signs + "2251799813685248)"), HasSubstr("could leave")) << signs;
  }
}

// (1-d6) lies in [-5, 0] and (d6-3) in [-2, 3]: the extremes of their product, 10 and -15, lie in mixed corners.
TEST(DiceRange, ProductsOfMixedSignsAreBoundedByTheirCorners) {
  EXPECT_TRUE(accepts("(1-d6)*(d6-3)*600479950316066"));
  EXPECT_THAT(refusal_of("(1-d6)*(d6-3)*600479950316067"), HasSubstr("could leave"));
  EXPECT_TRUE(accepts("(1-d6)*(d6-3)+9007199254740981"));
  EXPECT_THAT(refusal_of("(1-d6)*(d6-3)+9007199254740982"), HasSubstr("could leave"));
}

TEST(DiceRange, DroppedDiceDoNotCount) {
  EXPECT_TRUE(accepts("2d6kh1*1501199875790165"));
  EXPECT_THAT(refusal_of("2d6*1501199875790165"), HasSubstr("could leave"));
}

struct Refused {
  std::string_view notation;
  std::string_view because;
};

void PrintTo(Refused const &refused, std::ostream *out) { *out << '"' << refused.notation << '"'; }

class RefusedNotation : public testing::TestWithParam<Refused> {};

TEST_P(RefusedNotation, SaysWhy) { EXPECT_THAT(refusal_of(GetParam().notation), HasSubstr(GetParam().because)); }

constexpr std::string_view kEmpty = "the notation is empty";
constexpr std::string_view kEndsEarly = "ends too early";
constexpr std::string_view kNoSides = "d is followed by";
constexpr std::string_view kSideBySide = "side by side";
constexpr std::string_view kKeepPlace = "kh and kl stand right after dice";
constexpr std::string_view kPercentPlace = "% stands right after d";
constexpr std::string_view kUnknown = "a notation is made of";

INSTANTIATE_TEST_SUITE_P(
    Dice, RefusedNotation,
    testing::Values(Refused{"", kEmpty}, Refused{" \t", kEmpty},
                    // Operators without something to join.
                    Refused{"2d6+", kEndsEarly}, Refused{"2d6-", kEndsEarly}, Refused{"2*", kEndsEarly},
                    Refused{"-", kEndsEarly}, Refused{"(", kEndsEarly}, Refused{"(2+", kEndsEarly},
                    Refused{"+2", "a + stands"}, Refused{"2++2", "a + stands"}, Refused{"*2", "a * stands"},
                    Refused{"2**2", "a * stands"}, Refused{"2-*2", "a * stands"},
                    // Parentheses without their other half, or without content.
                    Refused{"(2", "never closed"}, Refused{"((2)", "never closed"}, Refused{"2)", "no opening one"},
                    Refused{"(2))", "no opening one"}, Refused{"()", "a closing parenthesis stands"},
                    Refused{")", "a closing parenthesis stands"}, Refused{"(2+)", "a closing parenthesis stands"},
                    // Dice without sides.
                    Refused{"d", kNoSides}, Refused{"2d", kNoSides}, Refused{"2d+1", kNoSides},
                    Refused{"2d-6", kNoSides}, Refused{"2d(6)", kNoSides}, Refused{"dd6", kNoSides},
                    Refused{"2dkh1", kNoSides},
                    // Terms without an operator.
                    Refused{"2 3", kSideBySide}, Refused{"2d6 3", kSideBySide}, Refused{"2d6d8", kSideBySide},
                    Refused{"2(3)", kSideBySide}, Refused{"(2)3", kSideBySide}, Refused{"(2)d6", kSideBySide},
                    Refused{"(2 3)", kSideBySide}, Refused{"d%6", kSideBySide}, Refused{"4d6kh(3)", kSideBySide},
                    // Keeping without dice.
                    Refused{"kh1", kKeepPlace}, Refused{"5kh1", kKeepPlace}, Refused{"5kl", kKeepPlace},
                    Refused{"(2d6)kh1", kKeepPlace}, Refused{"(5kh1)", kKeepPlace}, Refused{"2+kl", kKeepPlace},
                    Refused{"4d6kh3kl1", "one kh or kl"}, Refused{"4d6kh3 kh3", "one kh or kl"},
                    Refused{"4d6k3", "write kh"}, Refused{"4d6k", "write kh"}, Refused{"4d6k h3", "write kh"},
                    // Percent elsewhere.
                    Refused{"%", kPercentPlace}, Refused{"10%", kPercentPlace}, Refused{"d%%", kPercentPlace},
                    Refused{"(d6%)", kPercentPlace},
                    // What is not in the dialect.
                    Refused{"2d6/2", kUnknown}, Refused{"2d6!", kUnknown}, Refused{"hello", kUnknown},
                    Refused{"2.5", kUnknown}, Refused{"2d6;", kUnknown}, Refused{"2×3", kUnknown},
                    Refused{"２d６", kUnknown}, Refused{std::string_view("2d6\0", 4), kUnknown},
                    Refused{"\xff", kUnknown}, Refused{"2\vd6", kUnknown}));

/// Writes random notations, and reads off their totals from the dice as they fell: by another way than the parser, for
/// it knows the structure before the text.
class Author {
 public:
  explicit Author(std::uint64_t seed) : random_(seed) {}

  struct Expression {
    std::string text;
    std::function<std::int64_t(std::span<Die const> &)> total;  // Takes its dice off the front.
  };

  /// Nesting of two, and sizes in which no total leaves the range.
  Expression sum(int nesting = 2) {
    Expression out = product(nesting);
    for (int more = below(3); more > 0; --more) {
      bool const minus = below(2) == 0;
      Expression const right = product(nesting);
      out.text += blank() + (minus ? "-" : "+") + blank() + right.text;
      out.total = [left = out.total, right = right.total, minus](std::span<Die const> &dice) {
        std::int64_t const value = left(dice);
        return minus ? value - right(dice) : value + right(dice);
      };
    }
    return out;
  }

 private:
  Expression product(int nesting) {
    Expression out = factor(nesting);
    if (below(3) == 0) {
      Expression const right = factor(nesting);
      out.text += blank() + "*" + blank() + right.text;
      out.total = [left = out.total, right = right.total](std::span<Die const> &dice) {
        std::int64_t const value = left(dice);
        return value * right(dice);
      };
    }
    return out;
  }

  Expression factor(int nesting) {
    Expression out = term(nesting);
    if (below(4) == 0) {
      out.text = "-" + blank() + out.text;
      out.total = [operand = out.total](std::span<Die const> &dice) { return -operand(dice); };
    }
    return out;
  }

  Expression term(int nesting) {
    if (nesting > 0 && below(4) == 0) {
      Expression inner = sum(nesting - 1);
      return {"(" + blank() + inner.text + blank() + ")", std::move(inner.total)};
    }
    if (below(3) == 0) {
      int const value = below(25);
      return {std::to_string(value), [value](std::span<Die const> &) { return value; }};
    }
    return dice();
  }

  Expression dice() {
    int const count = 1 + below(4);
    int const sides = 1 + below(6);
    std::string text = (count == 1 && below(2) == 0 ? "" : std::to_string(count)) + blank() +
                       (below(2) == 0 ? "d" : "D") + blank() + std::to_string(sides);
    int const keep = below(2) == 0 ? 0 : 1 + below(count);
    bool const highest = below(2) == 0;
    if (keep > 0) text += blank() + (highest ? "kh" : "kl") + blank() + std::to_string(keep);
    return {text, [=](std::span<Die const> &dice) {
              auto const mine = dice.first(static_cast<std::size_t>(count));
              dice = dice.subspan(static_cast<std::size_t>(count));
              return total_of_throw(mine, sides, keep, highest);
            }};
  }

  static std::int64_t total_of_throw(std::span<Die const> thrown, std::int64_t sides, int keep, bool highest) {
    std::vector<std::int64_t> values;
    std::vector<std::int64_t> kept;
    for (Die const &die : thrown) {
      RC_ASSERT(die.sides == sides);
      RC_ASSERT(die.value >= 1 && die.value <= sides);
      values.push_back(die.value);
      if (die.kept) kept.push_back(die.value);
    }
    std::ranges::sort(values);
    std::ranges::sort(kept);
    if (highest) std::ranges::reverse(values);
    if (highest) std::ranges::reverse(kept);
    if (keep > 0) values.resize(static_cast<std::size_t>(keep));
    RC_ASSERT(kept == values);
    std::int64_t sum = 0;
    for (std::int64_t const value : values) sum += value;
    return sum;
  }

  std::string blank() { return below(8) == 0 ? " " : ""; }

  // mt19937_64 and a remainder, because the standard's distributions differ between libraries.
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }

  std::mt19937_64 random_;
};

RC_GTEST_PROP(DiceProperty, TotalsFollowFromTheDice, (std::uint64_t seed)) {
  Author::Expression const written = Author(seed).sum();
  RC_PRE(written.text.size() <= static_cast<std::size_t>(kNotationMax));
  SeededChance chance(seed);

  auto const rolled = roll(written.text, chance);

  if (!rolled) RC_FAIL(written.text + ": " + std::string(rolled.error().text));
  std::span<Die const> dice = rolled->dice;
  RC_ASSERT(rolled->total == written.total(dice));
  RC_ASSERT(dice.empty());
}

/// Whatever is thrown at it, it answers: with a roll within all bounds, or with a reason and without a draw.
void check_answer(std::string const &text) {
  SeededChance chance(1);
  auto const rolled = roll(text, chance);
  if (rolled) {
    RC_ASSERT(rolled->dice.size() <= 1'000U);
    RC_ASSERT(rolled->total >= -kIntegerMax && rolled->total <= kIntegerMax);
  } else {
    RC_ASSERT(rolled.error().why == Reject::bad_request);
    RC_ASSERT(!rolled.error().text.empty());
    RC_ASSERT(chance.drawn() == 0U);
  }
}

RC_GTEST_PROP(DiceProperty, AnyBytesAreAnswered, (std::string const &text)) { check_answer(text); }

RC_GTEST_PROP(DiceProperty, AnyTokensAreAnswered, ()) {
  auto const tokens = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("0", "1", "2", "6", "10", "999", "1000001", "9007199254740991", "d", "D", "%", "k",
                                    "h", "kh", "kl", "+", "-", "*", "(", ")", " "));
  std::string text;
  for (std::string const &token : tokens) text += token;
  check_answer(text);
}

RC_GTEST_PROP(DiceProperty, DamagedNotationsAreAnswered, (std::uint64_t seed)) {
  std::string text = Author(seed).sum().text;
  auto const at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = *rc::gen::elementOf(std::string("09dkhl%+-*() x"));
  check_answer(text);
}

}  // namespace
}  // namespace tableforge::table
