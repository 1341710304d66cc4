using System.Reflection;
using System.Runtime.Loader;
using Projections.Hosting.Configuration;

namespace Projections.CommandLine.Configuration;

/// <summary>
/// An assembly of read models that the program was not built with, with its dependencies beside it. What the program has itself is shared: a
/// version is one of ours only if both mean the same core.
/// </summary>
internal sealed class ReadModelAssembly : AssemblyLoadContext
{
    private readonly AssemblyDependencyResolver _beside;

    private ReadModelAssembly(string path)
        : base(Path.GetFileNameWithoutExtension(path)) => _beside = new AssemblyDependencyResolver(path);

    /// <exception cref="SettingsInvalid">It is not there, is no assembly, or was built against a newer version of ours.</exception>
    public static Assembly Load(string file)
    {
        var path = Path.GetFullPath(file);
        if (!File.Exists(path))
        {
            throw new SettingsInvalid([$"There is no file '{path}'. '--assembly' (or the setting 'Assemblies') names the built assembly of read models, such as bin/Release/net10.0/Shop.ReadModels.dll."]);
        }

        try
        {
            var assembly = new ReadModelAssembly(path).LoadFromAssemblyPath(path);
            // Its types are asked for now, so that what is missing is told in words.
            _ = assembly.GetTypes();
            return assembly;
        }
        catch (BadImageFormatException)
        {
            throw new SettingsInvalid([$"'{path}' is no .NET assembly for this machine."]);
        }
        catch (Exception exception) when (exception is ReflectionTypeLoadException or FileLoadException or FileNotFoundException or TypeLoadException)
        {
            var reason = exception is ReflectionTypeLoadException types ? types.LoaderExceptions.FirstOrDefault()?.Message : exception.Message;
            throw new SettingsInvalid([$"'{path}' cannot be loaded: {reason} Its dependencies must lie beside it, as 'dotnet publish' puts them, and it must be built against this program's version of Projections ({typeof(ProjectionSystem).Assembly.GetName().Version?.ToString(3)})."]);
        }
    }

    protected override Assembly? Load(AssemblyName name)
    {
        try
        {
            return Default.LoadFromAssemblyName(name);
        }
        catch (Exception missing) when (missing is FileNotFoundException or FileLoadException)
        {
            return _beside.ResolveAssemblyToPath(name) is { } path ? LoadFromAssemblyPath(path) : null;
        }
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _beside.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
