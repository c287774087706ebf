using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Cli.Plugins;

/// <summary>Policies and forecasters that this command line and its files can name: built-in ones, and those of plug-ins.</summary>
/// <param name="Policies">Registry of policies.</param>
/// <param name="Forecasters">Registry of forecasters.</param>
internal sealed record Known(PolicyRegistry Policies, ForecasterRegistry Forecasters)
{
    /// <summary>Built-in policies and forecasters.</summary>
    public static Known BuiltIn { get; } = new(PolicyRegistry.Default, ForecasterRegistry.Default);

    /// <summary>Adds the policies and forecasters of a plug-in.</summary>
    /// <exception cref="ArgumentException">A name is not allowed, or taken.</exception>
    public Known With(IPlugin plugin) => new(Policies.With(plugin.Policies), Forecasters.With(plugin.Forecasters));
}
