"""FetchXML: queries as XML, in and out, and the paging that goes with them."""
