using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>An invocation that the worker has been told of.</summary>
/// <param name="Id">Its id.</param>
/// <param name="HttpUri">Where the worker takes the request of an HTTP function; null if it has no HTTP server.</param>
/// <param name="Result">What it returned.</param>
/// <param name="Overdue">Fires when the function may work no longer.</param>
internal sealed record FunctionCall(string Id, Uri? HttpUri, Task<TypedData?> Result, CancellationToken Overdue);
