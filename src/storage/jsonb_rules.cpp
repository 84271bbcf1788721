#include "storage/jsonb_rules.hpp"

#include <string>

#include <nlohmann/json.hpp>

namespace tableforge::storage {

namespace {

/// Keeps nothing, and stops at a NUL.
class Judge final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, string_t const &) override { return true; }
  bool string(string_t &text) override { return !text.contains('\0'); }
  bool binary(binary_t &) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t &text) override { return !text.contains('\0'); }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, std::string const &, nlohmann::detail::exception const &) override { return false; }
};

}  // namespace

bool jsonb_takes(std::string_view text) {
  Judge judge;
  return nlohmann::json::sax_parse(text, &judge);
}

}  // namespace tableforge::storage
