#pragma once

#include <string>
#include <string_view>

namespace tableforge::lobby {

/// A new invitation code: 130 random bits as 26 letters and digits (base32), which survive being read aloud.
std::string make_invitation_code();

/// What a person typed, as the code was made; empty if it cannot be one.
std::string read_invitation_code(std::string_view text);

}  // namespace tableforge::lobby
