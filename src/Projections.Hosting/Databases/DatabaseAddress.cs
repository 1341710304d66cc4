namespace Projections.Hosting.Databases;

/// <summary>Where one of a program's databases is, as the list of them says.</summary>
/// <param name="Name">How it is called.</param>
/// <param name="ReadModels">The connection string of the read models; <c>null</c> where the list does not say.</param>
/// <param name="Events">The connection string of the events; <c>null</c> where they are beside the read models.</param>
/// <param name="EventsReplay">The connection string of a streaming standby of the events' server, if there is one.</param>
internal sealed record DatabaseAddress(string Name, string? ReadModels, string? Events = null, string? EventsReplay = null)
{
    /// <summary>The settings that say so; a template's where the list has the name alone.</summary>
    public string ReadModelsSetting { get; init; } = $"{DatabaseList.Databases}:{Name}:{nameof(DatabaseOptions.ReadModels)}";

    /// <inheritdoc cref="ReadModelsSetting"/>
    public string EventsSetting { get; init; } = $"{DatabaseList.Databases}:{Name}:{nameof(DatabaseOptions.Events)}";

    /// <summary>What a template has where the name goes.</summary>
    public const string Placeholder = "{name}";

    /// <summary>Puts the name into a template. A name has nothing in it that could mean anything in a connection string.</summary>
    public string? Fill(string? template) => template?.Replace(Placeholder, Name, StringComparison.Ordinal);
}
