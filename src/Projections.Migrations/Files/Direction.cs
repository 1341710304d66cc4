namespace Projections.Migrations.Files;

/// <summary>Whether a migration is applied or taken back.</summary>
public enum Direction
{
    Up,
    Down,
}
