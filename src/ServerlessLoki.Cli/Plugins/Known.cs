using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Cli.Plugins;

/// <summary>What can be named on this command line and in the files that it names: the built-in parts, and those of plugins.</summary>
/// <param name="Policies">Policies.</param>
/// <param name="Forecasters">Forecasters.</param>
internal sealed record Known(PolicyRegistry Policies, ForecasterRegistry Forecasters)
{
    /// <summary>The built-in parts.</summary>
    public static Known BuiltIn { get; } = new(PolicyRegistry.Default, ForecasterRegistry.Default);

    /// <summary>These parts, and those of a plugin.</summary>
    /// <exception cref="ArgumentException">A name is not allowed, or taken.</exception>
    public Known With(IPlugin plugin) => new(Policies.With(plugin.Policies), Forecasters.With(plugin.Forecasters));
}
