using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki;

/// <summary>Policies and forecasters of an assembly of your own, for <c>loki --plugin FILE</c>. Implemented by a public class with a constructor
/// without parameters.</summary>
public interface IPlugin
{
    /// <summary>Policies that it adds.</summary>
    IEnumerable<PolicyEntry> Policies => [];

    /// <summary>Forecasters that it adds.</summary>
    IEnumerable<ForecasterEntry> Forecasters => [];
}
