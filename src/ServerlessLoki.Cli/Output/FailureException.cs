namespace ServerlessLoki.Cli.Output;

/// <summary>The command could not do its work; exit code 1. The message says what to do.</summary>
internal sealed class FailureException(string message, Exception? inner = null) : Exception(message, inner);
