using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace ServerlessLoki.Serving.Models;

/// <summary>Causes of failed runs in ONNX Runtime, without details for its developers.</summary>
internal static partial class RuntimeCause
{
    private const int Longest = 240;
    private const int LongestRead = 2000;
    private const int TimeoutMs = 1000;

    /// <summary>Returns the cause in one line: no source files, line numbers, error codes or signatures.</summary>
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

    /// <summary>Tests whether the cause lies in the machine and not in the data: memory, driver, device.</summary>
    public static bool IsOfTheMachine(OnnxRuntimeException exception) => Machine().IsMatch(exception.Message);

    /// <summary>Tests whether the machine had too little memory.</summary>
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
