#include "tableforge/tuner/cron_schedule.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "tableforge/base/check.hpp"

namespace tableforge::tuner {

namespace {

constexpr std::array<std::string_view, 12> kMonthNames{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDayNames{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<unsigned, 13> kDaysOfMonthMax{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

struct FieldSpec {
  CronField field;
  std::string_view name;
  unsigned min;
  unsigned max;
  std::span<std::string_view const> names{};
};

constexpr std::array<FieldSpec, 5> kFields{{{CronField::minute, "minute", 0, 59},
                                            {CronField::hour, "hour", 0, 23},
                                            {CronField::day_of_month, "day of month", 1, 31},
                                            {CronField::month, "month", 1, 12, kMonthNames},
                                            {CronField::day_of_week, "day of week", 0, 7, kDayNames}}};

FieldSpec const &spec_of(CronField field) { return kFields[static_cast<std::size_t>(field)]; }

std::unexpected<CronFault> fault(FieldSpec const &spec, CronFlaw flaw, std::string_view token) {
  return std::unexpected(CronFault{spec.field, flaw, std::string(token)});
}

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  std::vector<std::string_view> words;
  while (true) {
    auto const begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return words;
    auto const end = std::min(text.find_first_of(kBlank, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

/// nullopt for anything but up to four digits, which is more than any field needs.
std::optional<unsigned> number_of(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (char const c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

bool same_letters(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::expected<unsigned, CronFault> value_of(FieldSpec const &spec, std::string_view token) {
  auto const named = std::ranges::find_if(spec.names, [&](auto name) { return same_letters(token, name); });
  if (named != spec.names.end()) return spec.min + static_cast<unsigned>(named - spec.names.begin());
  auto const value = number_of(token);
  if (!value) return fault(spec, CronFlaw::not_a_value, token);
  if (*value < spec.min || *value > spec.max) return fault(spec, CronFlaw::out_of_range, token);
  return *value;
}

/// One element of a list, as bits.
std::expected<std::uint64_t, CronFault> bits_of(FieldSpec const &spec, std::string_view token) {
  if (token.empty()) return fault(spec, CronFlaw::empty, token);
  auto const slash = token.find('/');
  auto const range = token.substr(0, slash);
  auto const dash = range.find('-');
  // Sunday has two numbers, and a star means each day once.
  unsigned begin = spec.min;
  unsigned end = spec.field == CronField::day_of_week ? 6 : spec.max;
  if (range != "*") {
    auto const first = value_of(spec, range.substr(0, dash));
    if (!first) return std::unexpected(first.error());
    begin = end = *first;
    if (dash != std::string_view::npos) {
      auto const last = value_of(spec, range.substr(dash + 1));
      if (!last) return std::unexpected(last.error());
      end = *last;
      if (end < begin) return fault(spec, CronFlaw::backwards, range);
    }
  }
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    if (range != "*" && dash == std::string_view::npos) return fault(spec, CronFlaw::step_of_single, token);
    auto const given = number_of(token.substr(slash + 1));
    if (!given || *given == 0 || *given > spec.max) return fault(spec, CronFlaw::bad_step, token);
    step = *given;
  }
  std::uint64_t bits = 0;
  for (unsigned value = begin; value <= end; value += step) {
    bits |= std::uint64_t{1} << (spec.field == CronField::day_of_week ? value % 7 : value);
  }
  return bits;
}

std::expected<std::uint64_t, CronFault> bits_of_list(FieldSpec const &spec, std::string_view list) {
  std::uint64_t bits = 0;
  while (true) {
    auto const comma = list.find(',');
    auto const more = bits_of(spec, list.substr(0, comma));
    if (!more) return std::unexpected(more.error());
    bits |= *more;
    if (comma == std::string_view::npos) return bits;
    list.remove_prefix(comma + 1);
  }
}

bool has(std::uint64_t bits, unsigned value) { return (bits >> value & 1) != 0; }

/// The least value from `from` on; 64 if there is none.
unsigned next_of(std::uint64_t bits, unsigned from) {
  return from < 64 ? static_cast<unsigned>(std::countr_zero(bits >> from << from)) : 64;
}

}  // namespace

std::string to_text(CronFault const &fault) {
  FieldSpec const &spec = spec_of(fault.field);
  std::string text(spec.name);
  text += ": ";
  auto const quoted = "'" + fault.token + "'";
  auto const bounds = std::to_string(spec.min) + "-" + std::to_string(spec.max);
  switch (fault.flaw) {
    case CronFlaw::missing: return text + "is missing; a schedule has five fields";
    case CronFlaw::surplus: return quoted + " is a sixth field; a schedule has five";
    case CronFlaw::empty: return text + "a list has an empty element";
    case CronFlaw::not_a_value: return text + quoted + " is neither a number nor a name of this field";
    case CronFlaw::out_of_range: return text + quoted + " is not within " + bounds;
    case CronFlaw::backwards: return text + quoted + " ends before it begins";
    case CronFlaw::bad_step: return text + "the step of " + quoted + " is not within 1-" + std::to_string(spec.max);
    case CronFlaw::step_of_single: return text + quoted + " has a step, which goes with a range or a star only";
    case CronFlaw::never: return text + "no month of this schedule has such a day";
  }
  return text;
}

std::expected<CronSchedule, CronFault> CronSchedule::parse(std::string_view text) {
  auto const words = words_of(text);
  if (words.size() < kFields.size()) return fault(kFields[words.size()], CronFlaw::missing, "");
  if (words.size() > kFields.size()) return fault(kFields.back(), CronFlaw::surplus, words[kFields.size()]);
  std::array<std::uint64_t, 5> bits{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    auto const some = bits_of_list(kFields[i], words[i]);
    if (!some) return std::unexpected(some.error());
    bits[i] = *some;
  }
  CronSchedule schedule;
  std::tie(schedule.minutes_, schedule.hours_, schedule.days_, schedule.months_, schedule.weekdays_) =
      std::tuple_cat(bits);
  schedule.any_day_ = words[2].front() == '*';
  schedule.any_weekday_ = words[4].front() == '*';
  bool possible = schedule.any_day_ || !schedule.any_weekday_;
  for (unsigned month = 1; month <= 12; ++month) {
    possible = possible || (has(schedule.months_, month) && next_of(schedule.days_, 1) <= kDaysOfMonthMax[month]);
  }
  if (!possible) return fault(kFields[2], CronFlaw::never, words[2]);
  return schedule;
}

bool CronSchedule::runs_on(std::chrono::sys_days day) const {
  std::chrono::year_month_day const date(day);
  if (!has(months_, static_cast<unsigned>(date.month()))) return false;
  bool const by_day = has(days_, static_cast<unsigned>(date.day()));
  bool const by_weekday = has(weekdays_, std::chrono::weekday(day).c_encoding());
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

Time CronSchedule::next(Time after) const {
  using namespace std::chrono;
  constexpr int kDaysMax = 12 * 366;
  auto const begin = floor<minutes>(after) + minutes(1);
  auto day = floor<days>(begin);
  auto from = static_cast<unsigned>((begin - day).count());
  for (int looked = 0;; ++looked, day += days(1), from = 0) {
    TF_CHECK(looked <= kDaysMax);  // parse() refuses what never comes.
    if (!runs_on(day)) continue;
    unsigned hour = next_of(hours_, from / 60);
    unsigned minute = next_of(minutes_, hour == from / 60 ? from % 60 : 0);
    if (minute >= 60) {
      hour = next_of(hours_, hour + 1);
      minute = next_of(minutes_, 0);
    }
    if (hour < 24) return day + hours(hour) + minutes(minute);
  }
}

}  // namespace tableforge::tuner
