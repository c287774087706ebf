namespace ServerlessLoki.Serving.Audio;

/// <summary>A sound file that cannot be read; the message says what was found and what is allowed.</summary>
public sealed class SoundFormatException(string message) : Exception(message);
