namespace Projections.EndToEnd;

/// <summary>Roles of a test; they belong to the whole server, so they are named after its database.</summary>
internal sealed class Roles(World world) : IAsyncDisposable
{
    public string Owner { get; } = $"{world.Database.Name}_owner";

    public string Reader { get; } = $"{world.Database.Name}_reader";

    public string Guest { get; } = $"{world.Database.Name}_guest";

    public static async Task<Roles> CreateAsync(World world)
    {
        var roles = new Roles(world);
        await world.Database.ExecuteAsync(
            $"create role {roles.Owner}; create role {roles.Reader}; create role {roles.Guest}; grant create, usage on schema public to {roles.Owner}");
        return roles;
    }

    public async ValueTask DisposeAsync() => await world.Database.ExecuteAsync(
        $"drop owned by {Owner}, {Reader}, {Guest} cascade; drop role {Owner}, {Reader}, {Guest}");
}
