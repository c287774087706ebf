namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>An invocation took longer than functionTimeout of host.json allows.</summary>
internal sealed class FunctionOverdueException(string function, TimeSpan limit)
    : TimeoutException($"Function '{function}' was cancelled, since it took longer than functionTimeout in host.json, {limit}, allows.");
