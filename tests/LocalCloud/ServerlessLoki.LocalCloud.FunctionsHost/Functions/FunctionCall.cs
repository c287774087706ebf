using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>Invocation that was sent to the worker.</summary>
/// <param name="Id">Id of the invocation.</param>
/// <param name="HttpUri">Address at which the worker takes the request of an HTTP function; null if it has no HTTP server.</param>
/// <param name="Result">Return value of the function.</param>
/// <param name="Overdue">Fires when the function exceeds its time limit.</param>
internal sealed record FunctionCall(string Id, Uri? HttpUri, Task<TypedData?> Result, CancellationToken Overdue);
