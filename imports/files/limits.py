"""How much one file may hold. Beyond these a file is a mistake or an attack."""

MAX_BYTES = 200 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 500
MAX_CELL = 20_000  # characters: eighty photo addresses fit
MAX_LINE = 4 * 1024 * 1024  # bytes of one line
MAX_RECORD = 1024 * 1024  # characters of one JSON object
MAX_PARTS = 20_000  # elements that are in memory at a time: of one row of a spreadsheet or of XML
MAX_ROW_NUMBER = 10_000_000  # ten times what a spreadsheet has
MAX_OPEN_LINES = 200  # lines that one quoted cell may run over

# Of a spreadsheet, which is a zip: bytes when unpacked, and how much denser than that it may be packed. Ordinary
# sheets are packed 5 to 40 times.
MAX_UNPACKED = 1536 * 1024 * 1024
MAX_RATIO = 200
MAX_STRINGS = 96 * 1024 * 1024  # bytes of the table of texts, which is kept in memory
MAX_AT_ONCE = 1024 * 1024  # bytes of its table of contents: some ten thousand members
MAX_SMALL = 16 * 1024 * 1024  # bytes of what lists its sheets and styles

SAMPLE = 256 * 1024  # bytes that are looked at to tell what a file is
SAMPLE_ROWS = 200  # records whose keys make the columns of XML and JSON

# Rows, characters and bytes that are in memory at a time.
BLOCK_ROWS = 1_000
BLOCK_CHARACTERS = 1_000_000
BLOCK_BYTES = 1024 * 1024
