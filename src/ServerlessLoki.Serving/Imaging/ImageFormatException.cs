namespace ServerlessLoki.Serving.Imaging;

/// <summary>Bytes that are no image we read: malformed, of an unknown kind, or larger than allowed. The message says which.</summary>
public class ImageFormatException(string message, Exception? inner = null) : Exception(message, inner);
