using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>A function threw. The Durable engine reads type, message and stack from the text.</summary>
internal sealed class FunctionFailedException(StatusResult result)
    : Exception($"Result: {result.Status}\nException: {CauseOf(result)}\nStack: {result.Exception?.StackTrace}")
{
    /// <summary>The message without the stack, which the worker has logged itself.</summary>
    public string Cause { get; } = CauseOf(result);

    /// <summary>What a line about a failed call says.</summary>
    public static string CauseOf(Exception exception) => exception is FunctionFailedException { Cause: var cause } ? cause : exception.Message;

    private static string CauseOf(StatusResult result) => result.Exception?.Message ?? result.Result;
}
