using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki;

/// <summary>Policies and forecasters of a user's own assembly, for <c>loki --plugin FILE</c>. Implemented by a public class with a
/// constructor without parameters.</summary>
public interface IPlugin
{
    /// <summary>Policies that the plug-in adds.</summary>
    IEnumerable<PolicyEntry> Policies => [];

    /// <summary>Forecasters that the plug-in adds.</summary>
    IEnumerable<ForecasterEntry> Forecasters => [];
}
