using Projections.Commands;
using Projections.Contracts;

namespace Projections.CommandLine.Doors;

/// <summary>One wish as it is said at each door, and the command that is meant.</summary>
/// <param name="Typed">On the command line, behind the program's name.</param>
/// <param name="Body">Over HTTP, in the body of the request.</param>
/// <param name="Message">On the bus; <c>null</c> where there is no message for it.</param>
/// <param name="Meant">The command.</param>
internal sealed record Wish(string Typed, string Body, IProjectionCommand? Message, Command Meant);
