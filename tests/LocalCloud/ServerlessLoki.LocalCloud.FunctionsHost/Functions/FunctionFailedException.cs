using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>A function threw. The Durable engine reads type, message and stack from the text.</summary>
internal sealed class FunctionFailedException(StatusResult result)
    : Exception($"Result: {result.Status}\nException: {CauseOf(result)}\nStack: {result.Exception?.StackTrace}")
{
    /// <summary>Message without the stack, which the worker has logged itself.</summary>
    public string Cause { get; } = CauseOf(result);

    /// <summary>Returns the text of a failed call's log line.</summary>
    public static string CauseOf(Exception exception) => exception is FunctionFailedException { Cause: var cause } ? cause : exception.Message;

    private static string CauseOf(StatusResult result) => result.Exception?.Message ?? result.Result;
}
