using System.Diagnostics.CodeAnalysis;

namespace Projections.Web.Security;

/// <summary>What those who have a role may do. All of them may look.</summary>
/// <param name="Role">The role, as a token has it.</param>
/// <param name="Rights">The commands that they may give.</param>
public sealed record RoleRights(string Role, IReadOnlyList<CommandRight> Rights)
{
    /// <summary>The roles that need no setting: <c>reader</c> and <c>operator</c>.</summary>
    public static IReadOnlyList<RoleRights> Always { get; } = [Of(CallerRole.Reader), Of(CallerRole.Operator)];

    public static RoleRights Of(CallerRole role) =>
        new(role == CallerRole.Operator ? CallerAuthentication.Operators : CallerAuthentication.Readers, role == CallerRole.Operator ? [CommandRight.Everything] : []);

    /// <summary>Reads the rights of a role, with semicolons between: <c>switch, rollback invoice_*; throttle *</c>.</summary>
    public static bool TryParse(string role, string setting, [NotNullWhen(true)] out RoleRights? rights)
    {
        var parsed = setting.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(text => CommandRight.TryParse(text, out var right) ? right : null).ToList();
        rights = parsed.Count == 0 || parsed.Contains(null) ? null : new RoleRights(role, [.. parsed.OfType<CommandRight>()]);
        return rights is not null;
    }
}
