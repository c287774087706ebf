using System.CommandLine;
using System.Reflection;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Plugins;

/// <summary>Option <c>--plugin FILE</c>: the user's own assemblies with policies and forecasters.</summary>
internal static class PluginFiles
{
    /// <summary>Makes the option, for all commands.</summary>
    public static Option<string[]> Option() => new("--plugin")
    {
        Description = "Assembly with policies and forecasters of your own (IPlugin); may be given several times",
        HelpName = "DLL",
        Recursive = true,
    };

    /// <summary>Loads the plug-ins of a command line, before it is parsed, since the names that they add must be known then.</summary>
    /// <exception cref="BadInputException">Lists every plug-in that cannot be used.</exception>
    public static Known Load(string[] args)
    {
        var option = Option();
        // The texts and not the value: the library throws where the option came without one.
        var files = new RootCommand { TreatUnmatchedTokensAsErrors = false, Options = { option } }.Parse(args).GetResult(option)?.Tokens.Select(t => t.Value) ?? [];
        var (known, faults) = (Known.BuiltIn, new List<string>());
        foreach (var file in files)
        {
            try
            {
                known = Load(file).Aggregate(known, (k, plugin) => k.With(plugin));
            }
            catch (Exception e) when (e is BadInputException or IOException or BadImageFormatException or ReflectionTypeLoadException or MemberAccessException or ArgumentException or TypeLoadException)
            {
                faults.Add($"--plugin: found '{file}', {e.Message}");
            }
            catch (TargetInvocationException e)
            {
                faults.Add($"--plugin: found '{file}', its constructor failed: {e.InnerException!.Message}");
            }
        }

        return faults.Count == 0 ? known : throw new BadInputException(faults);
    }

    private static List<IPlugin> Load(string file)
    {
        var path = Path.GetFullPath(file);
        if (!File.Exists(path))
            throw new BadInputException("there is no such file");
        var assembly = new PluginContext(path).LoadFromAssemblyPath(path);
        var plugins = assembly.GetExportedTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IPlugin)))
            .Select(t => (IPlugin)Activator.CreateInstance(t)!).ToList();
        return plugins.Count > 0 ? plugins : throw new BadInputException($"allowed: an assembly with a public class that implements {typeof(IPlugin).FullName}");
    }
}
