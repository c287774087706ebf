using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace ServerlessLoki.Serving.Models;

/// <summary>What ONNX Runtime says about a run that failed, without what only its own developers can use.</summary>
internal static partial class RuntimeCause
{
    private const int Longest = 240;
    private const int LongestRead = 2000;
    private const int TimeoutMs = 1000;

    /// <summary>The cause in one line: no source files, no line numbers, no error codes, no signatures.</summary>
    public static string Of(OnnxRuntimeException exception) => Of(exception.Message);

    /// <inheritdoc cref="Of(OnnxRuntimeException)"/>
    public static string Of(string message)
    {
        var text = message.Length <= LongestRead ? message : message[^LongestRead..];
        var at = text.LastIndexOf(Status, StringComparison.Ordinal);
        if (at >= 0)
            text = text[(at + Status.Length)..];
        text = ErrorCode().Replace(text, "");
        text = SourceFile().Replace(text, "");
        text = Signature().Replace(text, "");
        text = Blank().Replace(text, " ").Trim(' ', '.', ':');
        if (text.Length == 0)
            return "the model refused it";
        return text.Length <= Longest ? text : $"{text[..Longest].TrimEnd()}…";
    }

    /// <summary>True for a cause that lies in the machine and not in what was computed: memory, driver, device.</summary>
    public static bool IsOfTheMachine(OnnxRuntimeException exception) => Machine().IsMatch(exception.Message);

    /// <summary>True where the machine had too little memory for what was asked.</summary>
    public static bool IsOfMemory(OnnxRuntimeException exception) => Memory().IsMatch(exception.Message);

    private const string Status = "Status Message: ";

    [GeneratedRegex(@"\[ErrorCode:\w*\]", RegexOptions.None, TimeoutMs)]
    private static partial Regex ErrorCode();

    [GeneratedRegex(@"[\w/\\.:+-]+\.(?:cc|cpp|cxx|cu|cuh|hpp|h)\b(?::\d+|\(\d+\))?", RegexOptions.None, TimeoutMs)]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"(?:\w[\w:<>*& ]*\s)?onnxruntime::[^()]*\([^()]*\)(?:\s*const)?(?:\s*\[[^\]]*\])?", RegexOptions.None, TimeoutMs)]
    private static partial Regex Signature();

    [GeneratedRegex(@"\s+", RegexOptions.None, TimeoutMs)]
    private static partial Regex Blank();

    [GeneratedRegex(@"out of memory|bad_alloc|Failed to allocate", RegexOptions.IgnoreCase, TimeoutMs)]
    private static partial Regex Memory();

    [GeneratedRegex(@"out of memory|bad_alloc|Failed to allocate|CUDA|CUDNN|CUBLAS|device lost|EngineError", RegexOptions.IgnoreCase, TimeoutMs)]
    private static partial Regex Machine();
}
