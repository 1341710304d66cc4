using System.Security.Claims;

namespace Projections.Web.Security;

/// <summary>Who calls, and what they may do.</summary>
internal sealed class CallerIdentity : ClaimsIdentity
{
    /// <param name="name">Who it is; stands in the history.</param>
    /// <param name="roles">What they have of the roles that are known here; with none of them they may not even look.</param>
    public CallerIdentity(string name, IReadOnlyCollection<RoleRights> roles)
        : base(CallerAuthentication.SchemeName)
    {
        AddClaim(new Claim(NameClaimType, name));
        Rights = [.. roles.SelectMany(role => role.Rights)];
        if (roles.Count > 0)
        {
            AddClaim(new Claim(RoleClaimType, CallerAuthentication.Readers));
        }
    }

    /// <summary>The commands that they may give.</summary>
    public IReadOnlyList<CommandRight> Rights { get; }

    /// <summary>The commands that they may give about a projection.</summary>
    public IReadOnlyList<string> VerbsOn(string projection) => [.. CommandRight.Verbs.Where(verb => May(verb, projection)).Order(StringComparer.Ordinal)];

    public bool May(string verb, string projection) => Rights.Any(right => right.Allows(verb, projection));
}
