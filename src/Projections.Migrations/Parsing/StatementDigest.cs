using System.Security.Cryptography;
using System.Text;

namespace Projections.Migrations.Parsing;

/// <summary>The name of a statement in the journal: SHA-256 over its tokens, so that comments and layout may change.</summary>
internal static class StatementDigest
{
    public static string Of(SqlStatement statement) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', statement.Tokens.Select(token => token.Text)))));
}
